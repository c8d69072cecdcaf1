/** Bounds of the cache. */
export interface CacheOptions {
  /** Combined answers kept; the least recently used goes first. A positive integer. Default: 100,000. */
  readonly maxEntries?: number
  /** Bytes of combined answers kept, as estimated by key and content. Default: 67,108,864 (64 MiB). */
  readonly maxBytes?: number
  /** Verdicts of single handlers kept. Default: 50,000. */
  readonly maxVerdicts?: number
  /** Sets of references that are tried at each look-up; the one not used for longest goes first. Default: 64. */
  readonly maxShapes?: number
}

export type ResolvedCacheOptions = Readonly<Required<CacheOptions>>

/** @throws {RangeError} when a bound is not a positive integer. */
export function resolveCacheOptions({
  maxEntries = 100_000,
  maxBytes = 64 * 1_024 * 1_024,
  maxVerdicts = 50_000,
  maxShapes = 64,
}: CacheOptions = {}): ResolvedCacheOptions {
  const options = { maxEntries, maxBytes, maxVerdicts, maxShapes }
  for (const [name, value] of Object.entries(options))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`cache option ${name} must be a positive integer, not ${value}`)
  return options
}
