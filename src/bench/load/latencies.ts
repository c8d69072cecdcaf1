import { build, type Histogram } from 'hdr-histogram-js'
import { countsIn, longestNs } from './latency-counts.js'

/** Latencies in nanoseconds, three digits exact. */
export class Latencies {
  readonly #histogram: Histogram = build({
    bitBucketSize: 64,
    lowestDiscernibleValue: 1,
    highestTrackableValue: longestNs,
    numberOfSignificantValueDigits: 3,
  })

  /** From what `LatencyCounts` has counted. */
  static decode(text: string): Latencies {
    const latencies = new Latencies()
    for (const [ns, count] of countsIn(text)) latencies.#histogram.recordValueWithCount(ns, count)
    return latencies
  }

  get count(): number {
    return this.#histogram.totalCount
  }

  /** Adds all of another. */
  add(other: Latencies): void {
    this.#histogram.add(other.#histogram)
  }

  /** The latency that a share (0 to 100) of all stayed within, microseconds. 0 when there are none. */
  percentileUs(percentile: number): number {
    if (this.count === 0) return 0
    // The histogram answers the upper edge of a step, which may be above the largest of all.
    return Math.min(this.#histogram.getValueAtPercentile(percentile), this.#histogram.maxValue) / 1_000
  }

  maxUs(): number {
    return this.#histogram.maxValue / 1_000
  }

  meanUs(): number {
    return this.count === 0 ? 0 : this.#histogram.mean / 1_000
  }
}
