import { type AlsOptions, type ResolvedAls, resolveAls } from './als/options.js'
import { type ExtAuthzOptions, type ResolvedExtAuthz, resolveExtAuthz } from './ext-authz/options.js'
import { positive } from './range.js'
import type { TlsSettings } from './tls.js'

/** The doors that speak gRPC. */
export const doorNames = ['mixer', 'ext_authz', 'als'] as const
export type DoorName = (typeof doorNames)[number]

/** What one server allows its clients. */
export interface ServerLimits {
  /** Largest message received, bytes; more is RESOURCE_EXHAUSTED. Default: 1,048,576, as upstream. */
  readonly maxMessageBytes: number
  /** Calls at once on one connection. Default: 1,024. */
  readonly maxConcurrentStreams: number
  /** Connections at once; one more is closed at once. Own server only. Default: 10,000. */
  readonly maxConnections: number
  /**
   * Longest time that the message of a unary call may take to arrive, milliseconds; then DEADLINE_EXCEEDED, as at the
   * caller's own deadline. Own server only. Default: 30,000.
   */
  readonly messageTimeoutMs: number
  /**
   * Bytes that messages which are not whole yet may hold, of all connections and of one; beyond it a call is
   * RESOURCE_EXHAUSTED. Own server only. Default: 134,217,728 and 33,554,432, or four messages and one if that is more.
   */
  readonly maxPartialBytes: number
  readonly maxConnectionPartialBytes: number
  /** A ping goes out when nothing was heard for so long, milliseconds. Default: 60,000. */
  readonly keepaliveMs: number
  /** A connection whose ping is not answered for so long is closed, milliseconds. Default: 20,000. */
  readonly keepaliveTimeoutMs: number
}

export interface ListenerOptions extends Partial<ServerLimits> {
  /** `tcp://host:port`, `host:port` or `unix:///path`. */
  readonly address: string
  /** The doors behind this address. Default: all. */
  readonly doors?: readonly DoorName[]
  /** Default: plaintext. */
  readonly tls?: TlsSettings
}

/** Who carries gRPC: our own server on `node:http2`, or the grpc-js library. The two answer alike. */
export type ServerKind = 'http2' | 'grpc-js'

export interface DoorsOptions {
  /** At least one. Default: every door on `0.0.0.0:9091`. */
  readonly listeners?: readonly ListenerOptions[]
  /** Default: `http2`: it costs three quarters of the other (src/bench/doors). */
  readonly server?: ServerKind
  readonly extAuthz?: ExtAuthzOptions
  readonly als?: AlsOptions
  /** gRPC server reflection, for tools. Default: `true`. */
  readonly reflection?: boolean
}

export interface ResolvedListener {
  readonly address: string
  readonly doors: readonly DoorName[]
  readonly tls: TlsSettings | undefined
  readonly limits: ServerLimits
}

export interface ResolvedDoors {
  readonly listeners: readonly ResolvedListener[]
  readonly server: ServerKind
  readonly extAuthz: ResolvedExtAuthz
  readonly als: ResolvedAls
  readonly reflection: boolean
}

/** Fills the defaults in. @throws {RangeError} naming the option that is out of its range. */
export function resolveDoors(options: DoorsOptions = {}): ResolvedDoors {
  const { listeners = [{ address: '0.0.0.0:9091' }], server = 'http2', reflection = true } = options
  if (listeners.length === 0) throw new RangeError('listeners: at least one address is needed')
  return {
    listeners: listeners.map(resolveListener),
    server,
    extAuthz: resolveExtAuthz(options.extAuthz),
    als: resolveAls(options.als),
    reflection,
  }
}

function resolveListener(listener: ListenerOptions): ResolvedListener {
  const doors = listener.doors ?? doorNames
  if (doors.length === 0) throw new RangeError(`doors of ${listener.address}: at least one is needed`)
  return { address: listener.address, doors, tls: listener.tls, limits: resolveLimits(listener) }
}

function resolveLimits(given: Partial<ServerLimits>): ServerLimits {
  const maxMessageBytes = positive('maxMessageBytes', given.maxMessageBytes ?? 1_048_576)
  const partial = (name: keyof ServerLimits, standard: number, messages: number) =>
    positive(name, given[name] ?? Math.min(Math.max(standard, messages * maxMessageBytes), 0x7fffffff))
  return {
    maxMessageBytes,
    maxConcurrentStreams: positive('maxConcurrentStreams', given.maxConcurrentStreams ?? 1_024),
    maxConnections: positive('maxConnections', given.maxConnections ?? 10_000),
    messageTimeoutMs: positive('messageTimeoutMs', given.messageTimeoutMs ?? 30_000),
    maxPartialBytes: partial('maxPartialBytes', 134_217_728, 4),
    maxConnectionPartialBytes: partial('maxConnectionPartialBytes', 33_554_432, 1),
    keepaliveMs: positive('keepaliveMs', given.keepaliveMs ?? 60_000),
    keepaliveTimeoutMs: positive('keepaliveTimeoutMs', given.keepaliveTimeoutMs ?? 20_000),
  }
}
