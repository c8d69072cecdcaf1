import { randomUUID } from 'node:crypto'
import { type Clock, monotonicClock } from './clock.js'
import { globalWords } from './dictionary.js'
import type { Transport } from './transport.js'

/** What decides when the server does not answer. */
export type FailPolicy = 'open' | 'close'

export interface MixerClientOptions {
  /** How the server is reached; `grpcTransport({ address })` for a real one. The client closes it. */
  readonly transport: Transport
  /** `open`: a check without an answer is allowed; `close`: it is denied with the gRPC status. Default: `close`. */
  readonly failPolicy?: FailPolicy
  /** The same for a quota of an allowed request. Default: `open`, as Istio's proxy. */
  readonly quotaFailPolicy?: FailPolicy
  /** Global words that may be used, 0 to 222. Default: 222. */
  readonly globalWordCount?: number
  /** Verdicts kept; 0: none. Default: 10,000. */
  readonly checkCacheEntries?: number
  /** Bytes of verdicts kept, as estimated. Default: 33,554,432 (32 MiB). */
  readonly checkCacheBytes?: number
  /** Sets of references that a look-up tries. Default: 64. */
  readonly checkCacheShapes?: number
  /** Stocks of prefetched quota; 0: every request is charged by itself, and none passes too early. Default: 10,000. */
  readonly quotaCells?: number
  /** Longest wait for one answer, milliseconds. Default: 5,000. */
  readonly timeoutMs?: number
  /** How often a check without an answer is sent again, at most 10. Reports never are. Default: 0. */
  readonly retries?: number
  /** Shortest pause before that, milliseconds; the longest is twice as long each time. Default: 80. */
  readonly retryBaseMs?: number
  /** The pause is never longer, milliseconds. Default: 1,000. */
  readonly retryMaxMs?: number
  /** Entries of one report. Default: 100. */
  readonly reportBatchEntries?: number
  /** Longest wait of an entry for others, milliseconds. Default: 1,000. */
  readonly reportBatchMs?: number
  /**
   * Bytes of one report, at most 1,048,576, which servers take by default; a batch of more is split, and one entry of
   * more is lost. Default: 1,000,000.
   */
  readonly reportMaxBytes?: number
  /** Entries that wait; one more is lost. Default: 10,000. */
  readonly reportMaxWaiting?: number
  /**
   * Bytes of entries that wait or are under way, as estimated (two for each character, 100 for each attribute); an entry
   * beyond is lost. Default: 67,108,864 (64 MiB).
   */
  readonly reportMaxWaitingBytes?: number
  /** Reports under way at once. Default: 8. */
  readonly reportMaxCalls?: number
  /** Begins every deduplication id; must differ between clients. Default: a random UUID. */
  readonly clientId?: string
  /** Time. Default: a clock that never goes back. */
  readonly clock?: Clock
  /** Chance, from 0 to below 1. Default: `Math.random`. */
  readonly random?: () => number
}

export type ResolvedMixerClientOptions = Readonly<Required<MixerClientOptions>>

/** @throws {RangeError} when a field is out of its limits. */
export function resolveMixerClientOptions(given: MixerClientOptions): ResolvedMixerClientOptions {
  return {
    transport: given.transport,
    failPolicy: given.failPolicy ?? 'close',
    quotaFailPolicy: given.quotaFailPolicy ?? 'open',
    globalWordCount: whole('globalWordCount', given.globalWordCount ?? globalWords.length, 0, 222),
    checkCacheEntries: whole('checkCacheEntries', given.checkCacheEntries ?? 10_000, 0),
    checkCacheBytes: whole('checkCacheBytes', given.checkCacheBytes ?? 33_554_432, 1),
    checkCacheShapes: whole('checkCacheShapes', given.checkCacheShapes ?? 64, 1),
    quotaCells: whole('quotaCells', given.quotaCells ?? 10_000, 0),
    timeoutMs: whole('timeoutMs', given.timeoutMs ?? 5_000, 1),
    retries: whole('retries', given.retries ?? 0, 0, 10),
    retryBaseMs: whole('retryBaseMs', given.retryBaseMs ?? 80, 1),
    retryMaxMs: whole('retryMaxMs', given.retryMaxMs ?? 1_000, 1),
    reportBatchEntries: whole('reportBatchEntries', given.reportBatchEntries ?? 100, 1),
    reportBatchMs: whole('reportBatchMs', given.reportBatchMs ?? 1_000, 1),
    reportMaxBytes: whole('reportMaxBytes', given.reportMaxBytes ?? 1_000_000, 1, 1_048_576),
    reportMaxWaiting: whole('reportMaxWaiting', given.reportMaxWaiting ?? 10_000, 1),
    reportMaxWaitingBytes: whole('reportMaxWaitingBytes', given.reportMaxWaitingBytes ?? 67_108_864, 1),
    reportMaxCalls: whole('reportMaxCalls', given.reportMaxCalls ?? 8, 1),
    clientId: given.clientId ?? randomUUID(),
    clock: given.clock ?? monotonicClock,
    random: given.random ?? Math.random,
  }
}

function whole(name: string, value: number, min: number, max = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`
  throw new RangeError(`MixerClient option ${name} must be a whole number ${range}, not ${value}`)
}
