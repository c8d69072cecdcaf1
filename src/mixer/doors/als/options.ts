import { positive } from '../range.js'

export interface AlsOptions {
  /**
   * Which entries are reported: `end` takes one per request or connection (access log types 0, 3, 6 and 13), so that
   * nothing is counted twice; `all` takes starts, periodic and upstream entries, too. Default: `end`.
   */
  readonly entries?: 'end' | 'all'
  /** `context.reporter.kind` of logs that `reporterKinds` does not name. Default: `inbound`. */
  readonly reporterKind?: 'inbound' | 'outbound'
  /** `context.reporter.kind` by log name, exact. Default: every log is what `reporterKind` says. */
  readonly reporterKinds?: Readonly<Record<string, 'inbound' | 'outbound'>>
  /** The name under which Envoy's JWT filter leaves the payload. Default: the first object with `iss` or `sub`. */
  readonly jwtPayloadKey?: string
  /** Entries of one stream that wait; the oldest are dropped and counted when there are more. Default: 10,000. */
  readonly maxQueuedEntries?: number
  /** Bytes of one stream that wait; as above. Default: 16,777,216. */
  readonly maxQueuedBytes?: number
  /** Entries given to the engine at once. Default: 100. */
  readonly batchEntries?: number
  /** Connections whose last byte counts are remembered; the one longest silent goes first. Default: 10,000. */
  readonly maxConnections?: number
}

export interface ResolvedAls {
  readonly entries: 'end' | 'all'
  readonly reporterKind: 'inbound' | 'outbound'
  readonly reporterKinds: ReadonlyMap<string, 'inbound' | 'outbound'>
  readonly jwtPayloadKey: string | undefined
  readonly maxQueuedEntries: number
  readonly maxQueuedBytes: number
  readonly batchEntries: number
  readonly maxConnections: number
}

/** Fills the defaults in. @throws {RangeError} naming the option that is out of its range. */
export function resolveAls(options: AlsOptions = {}): ResolvedAls {
  return {
    entries: options.entries ?? 'end',
    reporterKind: options.reporterKind ?? 'inbound',
    reporterKinds: new Map(Object.entries(options.reporterKinds ?? {})),
    jwtPayloadKey: options.jwtPayloadKey,
    maxQueuedEntries: positive('maxQueuedEntries', options.maxQueuedEntries ?? 10_000),
    maxQueuedBytes: positive('maxQueuedBytes', options.maxQueuedBytes ?? 16_777_216),
    batchEntries: positive('batchEntries', options.batchEntries ?? 100),
    maxConnections: positive('maxConnections', options.maxConnections ?? 10_000),
  }
}
