/** Two-sided 95 % quantiles of Student's t, by degrees of freedom from 1 on; more than are listed count as the last. */
const quantiles = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
]
const normal = 1.96

/** A mean, and where the true one lies with 95 % confidence. */
export interface Interval {
  readonly mean: number
  readonly low: number
  readonly high: number
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** The sample's standard deviation; 0 for fewer than two values. */
export function deviation(values: readonly number[]): number {
  if (values.length < 2) return 0
  const middle = mean(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1))
}

/**
 * The mean with its 95 % interval by Student's t: rounds are few, and taken to be independent. One value alone has no
 * interval: it is from minus to plus infinity.
 * @throws {RangeError} without values
 */
export function interval(values: readonly number[]): Interval {
  if (values.length === 0) throw new RangeError('there are no values to take the mean of')
  const middle = mean(values)
  if (values.length === 1)
    return { mean: middle, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }
  const freedom = values.length - 1
  const quantile = quantiles[freedom - 1] ?? normal
  const half = (quantile * deviation(values)) / Math.sqrt(values.length)
  return { mean: middle, low: middle - half, high: middle + half }
}
