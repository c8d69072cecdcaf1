import type { Buffer } from 'node:buffer'
import type { PlainRecord } from '../wire/record.js'
import { EntryRun } from './entry-run.js'

/** Bytes of the longest run that is kept; few maps of attributes are as large. */
const longest = 2_048
/** Runs that are kept. */
const places = 4
/** Runs that may be learnt before one of them has come again. */
const trust = 16
/** Without trust one run in so many is learnt: maps may begin to come again at any time. */
const sampling = 16

/**
 * Runs of entries of one map field that came before: two metrics of one request have the same dimensions, and so have most
 * requests of a proxy, and one comparison of bytes costs a fraction of ten look-ups. A run is made of entries that an
 * `EntryMemo` knew. At most four runs of at most 2,048 bytes are kept; the one that was learnt first goes. Beyond these four,
 * `KnownRecords` tells the map by its entries.
 */
export class EntryRuns {
  readonly #runs = Array.from({ length: places }, () => new EntryRun())
  #next = 0
  /** Each run that is learnt costs one, each that comes again earns one: where maps are mixed, learning is a loss. */
  #credit = trust
  #passed = 0

  /** The run that the bytes begin with; undefined: none that is known. */
  find(bytes: Buffer, start: number, end: number): EntryRun | undefined {
    for (const run of this.#runs)
      if (run.isAt(bytes, start, end)) {
        if (this.#credit < trust) this.#credit++
        return run
      }
    return undefined
  }

  /** `record`: frozen, of all the entries between `start` and `end`, where the first one's key has been read. */
  learn(bytes: Buffer, start: number, end: number, record: PlainRecord): void {
    if (end - start > longest) return
    if (this.#credit > 0) this.#credit--
    else if (++this.#passed % sampling !== 0) return
    this.#runs[this.#next]?.become(bytes, start, end, record)
    this.#next = (this.#next + 1) % places
  }
}
