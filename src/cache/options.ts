/** Bounds of the cache. */
export interface CacheOptions {
  /** Combined answers kept; the least recently used goes first. A positive integer. Default: 100,000. */
  readonly maxEntries?: number
  /**
   * Bytes that all of it takes, as estimated by keys and contents: half for combined answers, a quarter for verdicts of
   * single handlers, and a quarter for those that the failure policy `cached` recalls. Default: 134,217,728 (128 MiB).
   */
  readonly maxBytes?: number
  /** Verdicts of single handlers kept, and as many for the failure policy. Default: 50,000. */
  readonly maxVerdicts?: number
  /** Sets of references that are tried at each look-up; the one not used for longest goes first. Default: 64. */
  readonly maxShapes?: number
}

export type ResolvedCacheOptions = Readonly<Required<CacheOptions>>

/** @throws {RangeError} when a bound is not a positive integer. */
export function resolveCacheOptions({
  maxEntries = 100_000,
  maxBytes = 128 * 1_024 * 1_024,
  maxVerdicts = 50_000,
  maxShapes = 64,
}: CacheOptions = {}): ResolvedCacheOptions {
  const options = { maxEntries, maxBytes, maxVerdicts, maxShapes }
  for (const [name, value] of Object.entries(options))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`cache option ${name} must be a positive integer, not ${value}`)
  return options
}

/** Parts of the bytes. */
const parts = { answers: 2, verdicts: 4, recalled: 4 } as const

/** The bytes that one part of the cache may take. */
export function shareOf(maxBytes: number, part: keyof typeof parts): number {
  return Math.max(1, Math.floor(maxBytes / parts[part]))
}
