import type { Shape } from '../load/generator.js'
import type { Ratio } from '../stats/ratio.js'

/** What one process, or several of one kind, used in a round. Per operation where that makes sense. */
export interface Spent {
  /** Microseconds. */
  readonly cpuUs: number
  readonly peakBytes: number
  /** Of the round's time, 0 to 1; undefined: it was not measured, of a process that is not ours. */
  readonly gcShare: number | undefined
  /** Bytes of V8's heap; undefined: likewise. */
  readonly allocatedBytes: number | undefined
}

/** Latencies of one round, microseconds. */
export interface Percentiles {
  readonly mean: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

/** One measurement of one row. */
export interface Round {
  /** Calls that ended, and how many of them wrongly. */
  readonly calls: number
  readonly errors: number
  readonly firstError: string | undefined
  readonly seconds: number
  /** Operations a second. */
  readonly perSecond: number
  readonly latency: Percentiles
  /** How late 99 % of the calls began at most, microseconds; undefined in a closed loop. */
  readonly latenessP99: number | undefined
  /** undefined: nothing is known of it. */
  readonly host: Spent | undefined
  /** All adapter processes together; undefined when there is none. */
  readonly adapter: Spent | undefined
  /** CPU of the load generator per operation, microseconds; undefined when the host makes the load itself. */
  readonly loadCpuUs: number | undefined
}

/** One point of a percentile curve: that share of calls (0 to 100) took at most so long. */
export type CurvePoint = readonly [percentile: number, us: number]

/** The first calls after the start, one after the other. */
export interface Cold {
  readonly firstUs: number
  /** The middle one of the first 50. */
  readonly medianUs: number
}

/** Percentiles of the slowest calls over those of another row. */
export interface Tails {
  readonly p99: Ratio
  readonly p999: Ratio
}

/** Everything measured of one thing under one load. */
export interface Row {
  /** Stable across runs, so that results can be compared. */
  readonly id: string
  readonly name: string
  /** Everything that rows of one table share, but for the load: `cache off`. */
  readonly setting: string
  readonly shape: Shape
  /** The id of the row that ratios are taken to; undefined: none, or this is the one. */
  readonly reference: string | undefined
  /** Its tails over those of the reference; undefined: there is none, or they were not looked at. */
  readonly tails: Tails | undefined
  readonly rounds: readonly Round[]
  /** Of all rounds together. */
  readonly curve: readonly CurvePoint[]
  readonly latency: Percentiles
  /** undefined: not looked at. */
  readonly cold: Cold | undefined
  /** Why its figures do not hold; undefined: they do. */
  readonly invalid: string | undefined
  /** What must be known of figures that hold, of a rate that was not reached, say; undefined: nothing. */
  readonly note: string | undefined
}

/** A row's name, and what must be known of it. */
export function titleOf({ name, invalid, note }: Row): string {
  if (invalid !== undefined) return `${name} (does not hold: ${invalid})`
  return note === undefined ? name : `${name} (${note})`
}

/** How much load there was, in words. */
export function loadText(shape: Shape): string {
  return shape.kind === 'closed' ? `${shape.depth} at once` : `${shape.perSecond} a second`
}

/** The title of the table that a row stands in: rows that were measured in turn with it. */
export function groupOf({ setting, shape }: { readonly setting: string; readonly shape: Shape }): string {
  return `${setting}, ${loadText(shape)}`
}
