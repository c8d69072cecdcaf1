import type { RawEntry } from './message.js'

/** The bounds of one stream's queue. */
export interface QueueBounds {
  readonly maxQueuedEntries: number
  readonly maxQueuedBytes: number
}

/** Entries of one stream that wait for the engine. When a bound is reached, the oldest are dropped. */
export class EntryQueue {
  readonly #bounds: QueueBounds
  #entries: RawEntry[] = []
  #first = 0
  #bytes = 0

  constructor(bounds: QueueBounds) {
    this.#bounds = bounds
  }

  get size(): number {
    return this.#entries.length - this.#first
  }

  /** Adds an entry; answers how many older ones had to go. */
  push(entry: RawEntry): number {
    this.#entries.push(entry)
    this.#bytes += entry.end - entry.start
    let dropped = 0
    const { maxQueuedEntries, maxQueuedBytes } = this.#bounds
    while (this.size > 1 && (this.size > maxQueuedEntries || this.#bytes > maxQueuedBytes)) {
      this.#shift()
      dropped++
    }
    return dropped
  }

  /** Takes at most so many of the oldest. */
  take(count: number): RawEntry[] {
    const taken: RawEntry[] = []
    while (taken.length < count && this.size > 0) taken.push(this.#shift())
    return taken
  }

  #shift(): RawEntry {
    const entry = this.#entries[this.#first++]!
    this.#bytes -= entry.end - entry.start
    // What was taken is let go of in one step, when it is half of the list.
    if (this.#first >= 64 && this.#first * 2 >= this.#entries.length) {
      this.#entries = this.#entries.slice(this.#first)
      this.#first = 0
    } else if (this.size === 0) {
      this.#entries.length = 0
      this.#first = 0
    }
    return entry
  }
}
