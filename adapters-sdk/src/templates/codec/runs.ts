import type { Buffer } from 'node:buffer'
import { Trust } from '../wire/trust.js'
import { Run } from './run.js'

/** Bytes of the longest run that is kept; few maps of attributes are as large. */
const longest = 2_048

/**
 * Runs of bytes that came before: two metrics of one request have the same dimensions, and so have most requests of a proxy, and
 * one comparison of bytes costs a fraction of reading them. A few runs of at most 2,048 bytes are kept; the one that was
 * learnt first goes.
 */
export class Runs<What extends object> {
  readonly #runs: readonly Run<What>[]
  #next = 0
  readonly #trust = new Trust()

  /** @param places runs that are kept; each of them is looked at. */
  constructor(places: number) {
    this.#runs = Array.from({ length: places }, () => new Run<What>())
  }

  /** The run that the bytes begin with; undefined: none that is known. */
  find(bytes: Buffer, start: number, end: number): Run<What> | undefined {
    for (const run of this.#runs)
      if (run.isAt(bytes, start, end)) {
        this.#trust.earn()
        return run
      }
    return undefined
  }

  /** `what`: makes what may be given out again for these bytes; undefined: nothing may. Not asked when nothing is to be learnt. */
  learn(bytes: Buffer, start: number, end: number, what: () => What | undefined): void {
    if (end - start > longest || !this.#trust.spend()) return
    const made = what()
    if (made === undefined) return
    this.#runs[this.#next]?.become(bytes, start, end, made)
    this.#next = (this.#next + 1) % this.#runs.length
  }
}
