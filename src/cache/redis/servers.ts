import { Cluster, Redis } from 'ioredis'
import type { ResolvedRedisTierOptions } from './options.js'

/** Longest pause between attempts to connect, milliseconds. */
const maxReconnectMs = 2_000

/** The pause before an attempt to connect, milliseconds. */
export function reconnectMs(attempt: number): number {
  return Math.min(maxReconnectMs, 50 * 2 ** Math.min(attempt, 6))
}

/** For connections that end instead of coming back. */
const never = () => null

/** How to reach the servers. */
export interface Servers {
  /** A connection for commands, which comes back by itself. */
  commands(): Redis | Cluster
  /** A connection that ends when it is lost. In a cluster each call takes another node: a message goes to all of them. */
  listener(): Redis
}

export function serversOf(options: ResolvedRedisTierOptions): Servers {
  const { servers } = options
  const lasting = { ...connection(options), retryStrategy: reconnectMs }
  const once = { ...connection(options), retryStrategy: never }
  switch (servers.kind) {
    case 'single':
      return {
        commands: () => new Redis(servers.url, lasting),
        listener: () => new Redis(servers.url, once),
      }
    case 'sentinel': {
      const group = {
        sentinels: servers.sentinels.map(address),
        name: servers.name,
        ...(servers.password !== undefined && { password: servers.password }),
      }
      return {
        commands: () => new Redis({ ...lasting, ...group, sentinelRetryStrategy: reconnectMs }),
        listener: () => new Redis({ ...once, ...group, sentinelRetryStrategy: never }),
      }
    }
    case 'cluster': {
      const nodes = servers.nodes.map(address)
      const password = servers.password !== undefined && { password: servers.password }
      const redisOptions = { ...lasting, ...password }
      let cluster: Cluster | undefined
      let turn = Math.floor(Math.random() * nodes.length)
      return {
        commands: () => {
          cluster = new Cluster(nodes, {
            enableOfflineQueue: false,
            clusterRetryStrategy: reconnectMs,
            redisOptions,
          })
          return cluster
        },
        listener: () => {
          // Those that are there now; before they are known, those that were named.
          const known = cluster?.nodes('all').map(({ options: { host, port } }) => ({ host, port })) ?? []
          const among = known.length > 0 ? known : nodes
          return new Redis({ ...once, ...password, ...among[turn++ % among.length] })
        },
      }
    }
  }
}

function connection({ waitMs, hearingMs }: ResolvedRedisTierOptions) {
  return {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 1_000,
    // A command that Redis never answers must not be held for ever; the tier itself stops waiting long before.
    commandTimeout: Math.max(1_000, waitMs * 10),
    // A way that swallows everything says nothing of it: what was asked and not answered for so long ends the connection.
    socketTimeout: hearingMs,
  }
}

function address(text: string): { host: string; port: number } {
  const colon = text.lastIndexOf(':')
  return { host: text.slice(0, colon), port: Number(text.slice(colon + 1)) }
}
