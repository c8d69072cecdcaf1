import type { ResolvedRedisTierOptions } from './options.js'
import { closed, reasonsOf } from './reasons.js'
import { findScript, keepScript, shapeScript, withdrawScript } from './scripts.js'
import { serversOf } from './servers.js'

/**
 * The commands of the tier. No command waits for a connection: with none it fails at once, and the caller goes on
 * without the tier.
 */
export interface Commands {
  find(keys: readonly string[], epoch: string): Promise<unknown>
  keep(keys: readonly string[], args: readonly (string | number)[]): Promise<unknown>
  withdraw(keys: readonly [seq: string, generation: string], epoch: string): Promise<unknown>
  addShape(key: string, shape: string, maxShapes: number, keepMs: number): Promise<unknown>
  shapes(key: string): Promise<unknown>
  publish(channel: string, message: string): Promise<unknown>
  /** Hears channels on a connection of its own, until it ends: it does not come back by itself. */
  hear(channels: readonly string[], listener: ChannelListener): Hearing
  /** Calls back whenever the connection is ready (again). */
  whenReady(callback: () => void): void
  /** Calls back when the connection is lost, and for each attempt to connect that fails. */
  whenLost(callback: (reason: string) => void): void
  /** Why something failed, for people, without secrets. */
  reasonOf(cause: unknown): string
  close(): void
}

export interface ChannelListener {
  /** Every channel is heard from now on. */
  began(): void
  heard(channel: string, message: string): void
  /** Nothing is heard any more, or hearing was refused. The last call. */
  ended(reason: string): void
}

export interface Hearing {
  close(): void
}

export function connect(options: ResolvedRedisTierOptions): Commands {
  const servers = serversOf(options)
  const reasonOf = reasonsOf(options.servers)
  const redis = servers.commands()
  redis.defineCommand('outboardFind', { lua: findScript })
  redis.defineCommand('outboardKeep', { lua: keepScript })
  redis.defineCommand('outboardWithdraw', { lua: withdrawScript, numberOfKeys: 2 })
  redis.defineCommand('outboardShape', { lua: shapeScript, numberOfKeys: 1 })
  const call = (command: string, args: readonly (string | number)[]): Promise<unknown> => {
    const defined: unknown = Reflect.get(redis, command)
    if (typeof defined !== 'function') return Promise.reject(new TypeError(`no command ${command}`))
    return Promise.resolve(Reflect.apply(defined, redis, [...args]))
  }
  const lost = new Lost()
  redis.on('error', (cause: unknown) => {
    lost.reason = reasonOf(cause)
    // Sentinels that cannot be reached are tried again without a connection that could close.
    if (redis.status !== 'ready') lost.tell()
  })
  redis.on('close', () => lost.tell())
  redis.on('ready', () => {
    lost.reason = closed
  })
  return {
    find: (keys, epoch) => call('outboardFind', [keys.length, ...keys, epoch]),
    keep: (keys, args) => call('outboardKeep', [keys.length, ...keys, ...args]),
    withdraw: (keys, epoch) => call('outboardWithdraw', [...keys, epoch]),
    addShape: (key, shape, maxShapes, keepMs) => call('outboardShape', [key, shape, maxShapes, keepMs]),
    shapes: key => redis.smembers(key),
    publish: (channel, message) => redis.publish(channel, message),
    hear(channels, listener) {
      const own = servers.listener()
      let reason = closed
      own.on('error', (cause: unknown) => {
        reason = reasonOf(cause)
      })
      own.on('message', (channel: string, message: string) => listener.heard(channel, message))
      own.on('ready', () => {
        own.subscribe(...channels).then(
          () => listener.began(),
          cause => {
            reason = reasonOf(cause)
            own.disconnect()
          },
        )
      })
      own.on('end', () => listener.ended(reason))
      return { close: () => own.disconnect() }
    },
    whenReady: callback => void redis.on('ready', callback),
    whenLost: callback => void lost.told.push(callback),
    reasonOf,
    close: () => redis.disconnect(),
  }
}

class Lost {
  reason = closed
  readonly told: ((reason: string) => void)[] = []

  tell(): void {
    for (const callback of this.told) callback(this.reason)
  }
}
