import type { Figure } from '../rounds/result.js'
import type { Ratio } from '../stats/ratio.js'
import type { Interval } from '../stats/student.js'

/** What is wanted of a figure. */
export interface Wanted {
  readonly id: string
  readonly title: string
  readonly better: 'less' | 'more'
  readonly wanted: number
  /** undefined: there is none. */
  readonly aim: number | undefined
  /** Default: none, a ratio. */
  readonly unit?: string
  readonly basis: string
}

export function figureOfRatio(wanted: Wanted, ratio: Ratio): Figure {
  const { unit = '', ...rest } = wanted
  if (ratio.kind === 'refused') return { ...rest, unit, measured: undefined, reason: ratio.reason }
  const { value, low, high } = ratio
  return { ...rest, unit, measured: { value, low, high }, reason: undefined }
}

/** `invalid`: why it does not hold; undefined: it does. */
export function figureOfInterval(wanted: Wanted, { mean, low, high }: Interval, invalid?: string): Figure {
  const { unit = '', ...rest } = wanted
  if (invalid !== undefined) return { ...rest, unit, measured: undefined, reason: invalid }
  // One value alone has no interval; files of results cannot hold infinity.
  const bounded = Number.isFinite(low) ? { low, high } : { low: mean, high: mean }
  return { ...rest, unit, measured: { value: mean, ...bounded }, reason: undefined }
}
