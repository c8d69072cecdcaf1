import { readFileSync } from 'node:fs'
import { CliError } from '../../cli/errors.js'
import { Fields } from '../process/fields.js'
import type { RequestFacts } from './facts.js'

/**
 * Requests for ext-authz: one JSON object or an array of them, each with `host` and optionally `method`, `path` (with its
 * query), `sourceIp` and `headers`.
 * @throws {CliError} `CLI_FILE_UNREADABLE`
 */
export function readAuthzFile(path: string): RequestFacts[] {
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return (Array.isArray(parsed) ? parsed : [parsed]).map((value, i) =>
      factsOf(new Fields(`request ${i} of ${path}`, value), i),
    )
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CliError('CLI_FILE_UNREADABLE', `Cannot read requests from ${path}: ${why}`, { cause })
  }
}

function factsOf(fields: Fields, number: number): RequestFacts {
  const text = (name: string, standard: string) => fields.maybeText(name) ?? standard
  const [path = '/', query = ''] = text('path', '/').split(/\?(.*)/s)
  const given = fields.has('headers') ? fields.object('headers') : undefined
  return {
    user: '',
    host: fields.text('host'),
    path,
    query,
    method: text('method', 'GET'),
    requestId: number.toString(16).padStart(8, '0'),
    sourceIp: text('sourceIp', '127.0.0.1').split('.').map(Number),
    sourcePod: '',
    seconds: 1_700_000_000,
    nanos: 0,
    headers: Object.fromEntries((given?.names() ?? []).map(name => [name, given?.text(name) ?? ''])),
  }
}
