import { AddressError } from '../../mixer/doors/index.js'
import { CliError } from '../errors.js'

/** `--admin` that means: none. */
export const noAdmin = 'off'

/** Where the admin port listens. */
export interface AdminAddress {
  readonly host: string
  readonly port: number
}

/**
 * Reads `host:port` or `[v6]:port`. Both must be there: whoever leaves the host out might mean this machine or every interface, and the port
 * has no password. Port 0 takes a free one.
 * @throws {CliError} `CLI_BAD_OPTION`
 * @example t.same(parseAdminAddress('[::1]:15014'), { host: '::1', port: 15_014 })
 */
export function parseAdminAddress(text: string): AdminAddress {
  const colon = text.lastIndexOf(':')
  const host = text.slice(0, Math.max(colon, 0)).replace(/^\[(.*)\]$/, '$1')
  const portText = text.slice(colon + 1)
  const port = Number(portText)
  if (host === '' || !/^\d{1,5}$/.test(portText) || port > 65_535)
    throw new CliError(
      'CLI_BAD_OPTION',
      `Cannot use --admin "${text}": wanted host:port (0.0.0.0:${port > 0 && port <= 65_535 ? port : 15_014} for every interface), or off`,
    )
  return { host, port }
}

/** Why nothing listens there. */
export function adminUnavailable(cause: unknown): CliError | AddressError {
  const why = `Cannot open the admin port: ${cause instanceof Error ? cause.message : String(cause)}`
  return cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE'
    ? new CliError('CLI_ADDRESS_IN_USE', why, { cause })
    : new AddressError('ADDRESS_UNAVAILABLE', why, { cause })
}
