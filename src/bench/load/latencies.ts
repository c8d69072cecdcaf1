import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from 'hdr-histogram-js'

/** The longest latency told apart: a minute. What took longer counts as a minute. */
const longestNs = 60_000_000_000

/** Latencies in nanoseconds, three digits exact. */
export class Latencies {
  readonly #histogram: Histogram

  constructor(histogram: Histogram = emptyHistogram()) {
    this.#histogram = histogram
  }

  static decode(text: string): Latencies {
    return new Latencies(decodeFromCompressedBase64(text, 64))
  }

  get count(): number {
    return this.#histogram.totalCount
  }

  /** Milliseconds, as `performance.now()` differs. */
  record(ms: number): void {
    const ns = Math.round(ms * 1_000_000)
    this.#histogram.recordValue(Math.min(Math.max(ns, 1), longestNs))
  }

  /** Adds all of another. */
  add(other: Latencies): void {
    this.#histogram.add(other.#histogram)
  }

  /** The latency that a share (0 to 100) of all stayed within, microseconds. 0 when there are none. */
  percentileUs(percentile: number): number {
    return this.count === 0 ? 0 : this.#histogram.getValueAtPercentile(percentile) / 1_000
  }

  maxUs(): number {
    return this.#histogram.maxValue / 1_000
  }

  meanUs(): number {
    return this.count === 0 ? 0 : this.#histogram.mean / 1_000
  }

  encode(): string {
    return encodeIntoCompressedBase64(this.#histogram)
  }
}

function emptyHistogram(): Histogram {
  return build({
    bitBucketSize: 64,
    lowestDiscernibleValue: 1,
    highestTrackableValue: longestNs,
    numberOfSignificantValueDigits: 3,
  })
}
