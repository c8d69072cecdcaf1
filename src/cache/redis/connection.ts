import { Cluster, Redis } from 'ioredis'
import type { ResolvedRedisTierOptions } from './options.js'
import { findScript, keepScript, shapeScript, withdrawScript } from './scripts.js'

/** Longest pause between attempts to connect, milliseconds. */
const maxReconnectMs = 2_000

const reconnect = (attempt: number): number => Math.min(maxReconnectMs, 50 * 2 ** Math.min(attempt, 6))

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
  /** Calls back with each message, and when hearing begins (again): something may have been missed before. */
  listen(channel: string, heard: (message: string) => void, began: () => void): void
  /** Calls back whenever the connection is ready (again). */
  whenReady(callback: () => void): void
  close(): void
}

export function connect(options: ResolvedRedisTierOptions): Commands {
  const { servers } = options
  switch (servers.kind) {
    case 'single':
      return commandsOf(
        new Redis(servers.url, single(options)),
        new Redis(servers.url, { ...single(options), autoResubscribe: true }),
      )
    case 'sentinel': {
      const sentinel = {
        ...single(options),
        sentinels: servers.sentinels.map(address),
        name: servers.name,
        sentinelRetryStrategy: reconnect,
        ...(servers.password !== undefined && { password: servers.password }),
      }
      return commandsOf(new Redis(sentinel), new Redis(sentinel))
    }
    case 'cluster': {
      const cluster = {
        enableOfflineQueue: false,
        clusterRetryStrategy: reconnect,
        redisOptions: {
          ...single(options),
          ...(servers.password !== undefined && { password: servers.password }),
        },
      }
      const nodes = servers.nodes.map(address)
      return commandsOf(new Cluster(nodes, cluster), new Cluster(nodes, cluster))
    }
  }
}

function single({ waitMs }: ResolvedRedisTierOptions) {
  return {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: reconnect,
    connectTimeout: 1_000,
    // A command that Redis never answers must not be held for ever; the tier itself stops waiting long before.
    commandTimeout: Math.max(1_000, waitMs * 10),
  }
}

function address(text: string): { host: string; port: number } {
  const colon = text.lastIndexOf(':')
  return { host: text.slice(0, colon), port: Number(text.slice(colon + 1)) }
}

function commandsOf(redis: Redis | Cluster, listener: Redis | Cluster): Commands {
  redis.defineCommand('outboardFind', { lua: findScript })
  redis.defineCommand('outboardKeep', { lua: keepScript })
  redis.defineCommand('outboardWithdraw', { lua: withdrawScript, numberOfKeys: 2 })
  redis.defineCommand('outboardShape', { lua: shapeScript, numberOfKeys: 1 })
  const call = (command: string, args: readonly (string | number)[]): Promise<unknown> => {
    const defined: unknown = Reflect.get(redis, command)
    if (typeof defined !== 'function') return Promise.reject(new TypeError(`no command ${command}`))
    return Promise.resolve(Reflect.apply(defined, redis, [...args]))
  }
  // Every failed attempt to connect is an event; what it means shows in the breaker.
  redis.on('error', () => {})
  listener.on('error', () => {})
  return {
    find: (keys, epoch) => call('outboardFind', [keys.length, ...keys, epoch]),
    keep: (keys, args) => call('outboardKeep', [keys.length, ...keys, ...args]),
    withdraw: (keys, epoch) => call('outboardWithdraw', [...keys, epoch]),
    addShape: (key, shape, maxShapes, keepMs) => call('outboardShape', [key, shape, maxShapes, keepMs]),
    shapes: key => redis.smembers(key),
    publish: (channel, message) => redis.publish(channel, message),
    listen(channel, heard, began) {
      listener.on('message', (_channel: string, message: string) => heard(message))
      listener.on('ready', () => {
        listener.subscribe(channel).then(began, () => {})
      })
    },
    whenReady: callback => void redis.on('ready', callback),
    close() {
      redis.disconnect()
      listener.disconnect()
    },
  }
}
