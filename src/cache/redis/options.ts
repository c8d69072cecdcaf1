/** Where the second tier is, and its bounds. */
export interface RedisTierOptions {
  readonly servers:
    | { readonly kind: 'single'; readonly url: string }
    /** `sentinels`: `host:port` each; `name`: of the master group. */
    | {
        readonly kind: 'sentinel'
        readonly sentinels: readonly string[]
        readonly name: string
        readonly password?: string
      }
    /** `nodes`: `host:port` each, some of the cluster's. */
    | { readonly kind: 'cluster'; readonly nodes: readonly string[]; readonly password?: string }
  /** Keeps installations apart on one Redis: letters, digits, `-`, `_`, `.`. Default: `default`. */
  readonly namespace?: string
  /** Longest wait for a look-up, milliseconds. Beyond it the look-up is a miss. Default: 5. */
  readonly waitMs?: number
  /** Longest time that an answer is shared, milliseconds, however long it holds. Default: 3,600,000. */
  readonly maxSharedMs?: number
  /**
   * Taken off what an answer still holds when it is shared, milliseconds; an answer with no more left is not shared.
   * It covers clocks of Redis nodes that differ when one takes over from another. Default: 500.
   */
  readonly skewMs?: number
  /** Failed look-ups in a row after which the tier is left alone. Default: 5. */
  readonly failures?: number
  /** How long it is left alone before one look-up tries again, milliseconds. Default: 1,000. */
  readonly openMs?: number
  /**
   * Longest time that a host may not hear the withdrawals of others without knowing it, milliseconds; then it counts
   * everything in memory as withdrawn and connects anew. Default: 8,000.
   */
  readonly hearingMs?: number
  /** Commands under way at once; one more look-up is a miss, one more answer is not shared. Default: 1,000. */
  readonly maxPending?: number
}

export type ResolvedRedisTierOptions = Readonly<Required<RedisTierOptions>>

/** @throws {RangeError} when a field is out of its limits. */
export function resolveRedisTierOptions({
  servers,
  namespace = 'default',
  waitMs = 5,
  maxSharedMs = 3_600_000,
  skewMs = 500,
  failures = 5,
  openMs = 1_000,
  hearingMs = 8_000,
  maxPending = 1_000,
}: RedisTierOptions): ResolvedRedisTierOptions {
  if (!/^[\w.-]{1,64}$/.test(namespace))
    throw new RangeError(`redis namespace "${namespace}" must be 1 to 64 letters, digits, "-", "_" or "."`)
  for (const [name, value] of Object.entries({
    waitMs,
    maxSharedMs,
    skewMs,
    failures,
    openMs,
    hearingMs,
    maxPending,
  }))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`redis option ${name} must be a positive integer, not ${value}`)
  return { servers, namespace, waitMs, maxSharedMs, skewMs, failures, openMs, hearingMs, maxPending }
}
