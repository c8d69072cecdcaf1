/** The longest latency told apart: a minute. What took longer counts as a minute. */
export const longestNs = 60_000_000_000

/** Steps in which each power of two is counted: the resolution of an HdrHistogram of three digits, bucket by bucket. */
const steps = 1_024
const stepBits = 10
/** Whole numbers of nanoseconds below this are counted one by one. */
const exactBelow = 2 * steps
/** What a shift of 32-bit integers can take. */
const bits31 = 0x7fffffff

/** Counts of runs that are over, all zero: new ones for each run would soon bring a full collection, in the midst of another. */
const spare: Uint32Array[] = []

/**
 * Counts latencies while load runs, for `Latencies` to be made of afterwards. The histogram itself costs a third of a
 * microsecond a call, and milliseconds to be told to another process, which the load would pay for.
 */
export class LatencyCounts {
  readonly #counts = spare.pop() ?? new Uint32Array(indexOf(longestNs) + 1)

  /** Milliseconds, as `performance.now()` differs. */
  record(ms: number): void {
    const index = indexOf(Math.min(Math.max(Math.round(ms * 1_000_000), 1), longestNs))
    this.#counts[index] = (this.#counts[index] ?? 0) + 1
  }

  /** As text, for `countsIn`. The last that is done with these counts. */
  finish(): string {
    const pairs: number[] = []
    for (let index = 0; index < this.#counts.length; index++) {
      const count = this.#counts[index] ?? 0
      if (count > 0) pairs.push(index, count)
    }
    this.#counts.fill(0)
    spare.push(this.#counts)
    return Buffer.from(Uint32Array.from(pairs).buffer).toString('base64')
  }
}

/** What was counted: nanoseconds, and how often. */
export function* countsIn(text: string): Generator<readonly [ns: number, count: number]> {
  const bytes = Buffer.from(text, 'base64')
  for (let at = 0; at + 8 <= bytes.length; at += 8)
    yield [lowestOf(bytes.readUInt32LE(at)), bytes.readUInt32LE(at + 4)]
}

function indexOf(ns: number): number {
  if (ns < exactBelow) return ns
  const isLarge = ns > bits31
  const part = isLarge ? Math.floor(ns / steps) : ns
  const shift = 31 - Math.clz32(part) - stepBits
  return (isLarge ? shift + stepBits : shift) * steps + (part >>> shift)
}

/** The least value that is counted there. */
function lowestOf(index: number): number {
  const shift = Math.max(0, (index >> stepBits) - 1)
  return (index - shift * steps) * 2 ** shift
}
