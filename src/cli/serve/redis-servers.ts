import type { RedisTierOptions } from '../../cache/redis/index.js'
import { CliError } from '../errors.js'

/**
 * Reads where Redis is: `redis://…` or `rediss://…`; `sentinel:NAME@host:port,host:port`; `cluster:host:port,host:port`.
 * Empty: there is none. Passwords of Sentinel and Cluster come from `OUTBOARD_REDIS_PASSWORD`.
 * @throws {CliError} `CLI_BAD_OPTION`
 */
export function redisServers(name: string, given: string): RedisTierOptions['servers'] | undefined {
  if (given === '') return undefined
  if (/^rediss?:\/\/./.test(given)) return { kind: 'single', url: given }
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

function addresses(name: string, list: string): string[] {
  const all = list.split(',')
  const wrong = all.find(address => !/^.+:\d{1,5}$/.test(address))
  if (wrong !== undefined)
    throw new CliError('CLI_BAD_OPTION', `Cannot use ${name}: "${hidden(wrong)}" is not host:port`)
  return all
}

/** Without what may be a password. */
function hidden(text: string): string {
  return text.replace(/:[^:@/]*@/, ':***@')
}
