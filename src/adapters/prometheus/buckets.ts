/** The buckets of a distribution, as configured. */
export type Buckets =
  | { readonly kind: 'linearBuckets'; readonly value: LinearBuckets }
  | { readonly kind: 'exponentialBuckets'; readonly value: ExponentialBuckets }
  | { readonly kind: 'explicitBuckets'; readonly value: { readonly bounds: readonly number[] } }

interface LinearBuckets {
  readonly numFiniteBuckets: number
  readonly width: number
  readonly offset: number
}

interface ExponentialBuckets {
  readonly numFiniteBuckets: number
  readonly growthFactor: number
  readonly scale: number
}

/** The client libraries' own bounds, in seconds. */
const usualBounds: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Upper bounds, ascending; the last bucket, up to infinity, is not among them. `n` finite buckets have n + 1 bounds. */
export function upperBounds(buckets: Buckets | undefined): readonly number[] {
  switch (buckets?.kind) {
    case 'linearBuckets': {
      const { numFiniteBuckets, width, offset } = buckets.value
      return Array.from({ length: numFiniteBuckets + 1 }, (_, i) => offset + i * width)
    }
    case 'exponentialBuckets': {
      const { numFiniteBuckets, growthFactor, scale } = buckets.value
      return Array.from({ length: numFiniteBuckets + 1 }, (_, i) => scale * growthFactor ** i)
    }
    case 'explicitBuckets':
      return buckets.value.bounds.length === 0 ? usualBounds : buckets.value.bounds
    case undefined:
      return usualBounds
  }
}
