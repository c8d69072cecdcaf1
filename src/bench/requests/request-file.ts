import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { CliError } from '../../cli/errors.js'
import { Fields } from '../process/fields.js'
import type { AuthzRequest } from './ext-authz.js'

/**
 * Requests for ext-authz: one JSON object or an array of them, each with `host` and optionally `method`, `path` (with its
 * query), `sourceIp` and `headers`.
 * @throws {CliError} `CLI_FILE_UNREADABLE`
 */
export function readAuthzFile(path: string): AuthzRequest[] {
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return (Array.isArray(parsed) ? parsed : [parsed]).map((value, i) =>
      requestOf(new Fields(`request ${i} of ${path}`, value), i),
    )
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CliError('CLI_FILE_UNREADABLE', `Cannot read requests from ${path}: ${why}`, { cause })
  }
}

function requestOf(fields: Fields, number: number): AuthzRequest {
  const text = (name: string, standard: string) => fields.maybeText(name) ?? standard
  const given = fields.has('headers') ? fields.object('headers') : undefined
  const sourceIp = text('sourceIp', '127.0.0.1')
  if (isIP(sourceIp) === 0)
    throw new TypeError(`the sourceIp "${sourceIp}" of request ${number} is no address`)
  return {
    host: fields.text('host'),
    path: text('path', '/'),
    method: text('method', 'GET'),
    id: String(number),
    sourceIp,
    seconds: 1_700_000_000,
    nanos: 0,
    headers: Object.fromEntries(
      (given?.names() ?? []).map(name => [name.toLowerCase(), given?.text(name) ?? '']),
    ),
  }
}
