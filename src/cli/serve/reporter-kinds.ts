import { CliError } from '../errors.js'

export type ReporterKinds = Readonly<Record<string, 'inbound' | 'outbound'>>

/** `name=kind`, several with commas. */
export function reporterKinds(name: string, given: string): ReporterKinds {
  const kinds: [string, 'inbound' | 'outbound'][] = []
  for (const part of given.split(',')) {
    if (given === '') break
    const [, log = '', kind = ''] = /^\s*(.+)=(\w+)\s*$/.exec(part) ?? []
    if (log === '' || (kind !== 'inbound' && kind !== 'outbound'))
      throw new CliError(
        'CLI_BAD_OPTION',
        `Cannot use ${name} "${part}": wanted the name of a log, "=", and inbound or outbound`,
      )
    kinds.push([log, kind])
  }
  return Object.fromEntries(kinds)
}
