import type { RedisTierOptions } from '../../cache/redis/index.js'
import { CliError } from '../errors.js'
import { durationMs } from '../numbers.js'

/**
 * Reads where Redis is: `redis://…` or `rediss://…`; `sentinel:NAME@host:port,host:port`; `cluster:host:port,host:port`.
 * Empty: there is none. Passwords of Sentinel and Cluster come from `OUTBOARD_REDIS_PASSWORD`.
 * @throws {CliError} `CLI_BAD_OPTION`
 */
export function redisServers(name: string, given: string): RedisTierOptions['servers'] | undefined {
  if (given === '') return undefined
  if (/^rediss?:\/\/./.test(given) && URL.canParse(given)) return { kind: 'single', url: given }
  const sentinel = /^sentinel:([^@]+)@(.+)$/.exec(given)
  if (sentinel !== null)
    return { kind: 'sentinel', name: sentinel[1] ?? '', sentinels: addresses(name, sentinel[2] ?? '') }
  const cluster = /^cluster:(.+)$/.exec(given)
  if (cluster !== null) return { kind: 'cluster', nodes: addresses(name, cluster[1] ?? '') }
  throw new CliError(
    'CLI_BAD_OPTION',
    `Cannot use ${name} "${hidden(given)}": wanted redis://host:port, sentinel:NAME@host:port,… or cluster:host:port,…`,
  )
}

/** What keeps installations apart on one Redis. @throws {CliError} `CLI_BAD_OPTION` */
export function redisNamespace(name: string, given: string): string {
  if (/^[\w.-]{1,64}$/.test(given)) return given
  throw new CliError(
    'CLI_BAD_OPTION',
    `Cannot use ${name} "${given}": wanted 1 to 64 letters, digits, "-", "_" or "."`,
  )
}

/** Whole milliseconds, 1 to 60,000. @throws {CliError} `CLI_BAD_OPTION` */
export function redisWait(name: string, given: string): number {
  const waitMs = durationMs(name, given)
  if (Number.isInteger(waitMs) && waitMs >= 1 && waitMs <= 60_000) return waitMs
  throw new CliError('CLI_BAD_OPTION', `Cannot use ${name} "${given}": wanted whole milliseconds, 1ms to 60s`)
}

function addresses(name: string, list: string): string[] {
  const all = list.split(',')
  // A password has no place here; one that was given all the same must not be taken for a part of a host's name.
  if (all.every(address => /^[^@]+:\d{1,5}$/.test(address))) return all
  throw new CliError('CLI_BAD_OPTION', `Cannot use ${name}: wanted host:port,…, not "${hidden(list)}"`)
}

/** Without what may be a password: whatever stands before the last `@`. */
function hidden(text: string): string {
  return text.replace(/^((?:[a-z]+:)?(?:\/\/)?).*@/s, '$1***@')
}
