import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Spill } from '../../mixer/spill/index.js'
import type { Telemetry } from '../../mixer/telemetry/index.js'
import { CliError } from '../errors.js'
import type { Shell } from '../shell.js'
import type { ServeOptions } from './option-table.js'
import { workerIndex } from './worker-index.js'

/**
 * The folder of reports that the options ask for; undefined: none. Each of several processes has its own in it, by its number.
 * @throws {CliError} `CLI_BAD_OPTION` for a folder that cannot be used, or is in use
 */
export async function openSpill(
  env: Shell['env'],
  { reportSpill, reportSpillBytes: maxBytes, processes }: ServeOptions,
  telemetry: Telemetry,
): Promise<Spill | undefined> {
  if (reportSpill === undefined) return undefined
  const { Spill } = await import('../../mixer/spill/index.js')
  const index = workerIndex(env)
  const folder = join(reportSpill, String(index))
  try {
    const inherited = await leftBehind(reportSpill, processes, index)
    return await Spill.open({ folder, inherited, maxBytes, telemetry })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CliError('CLI_BAD_OPTION', `Cannot use --report-spill "${reportSpill}": ${why}`, { cause })
  }
}

/** Folders of workers that are not started with so few processes, and whose reports are for the one with this index to deliver. */
async function leftBehind(spillFolder: string, processes: number, index: number): Promise<string[]> {
  const names = await readdir(spillFolder).catch(() => [])
  return names
    .filter(name => /^\d{1,4}$/.test(name) && Number(name) >= processes && Number(name) % processes === index)
    .map(name => join(spillFolder, name))
}
