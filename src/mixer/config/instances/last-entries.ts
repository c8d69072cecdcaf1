import type { WireWriter } from '@outboard/adapters-sdk'
import type { AttributeValue } from '../../attributes/index.js'

/** Bytes of the longest map that is kept; few maps of attributes are as large. */
const longest = 2_048
/** Maps with little in common that may come one after the other before they are written without a comparison. */
const trust = 16
/** Without trust two maps in so many are compared, one behind the other: they may begin to be alike at any time. */
const sampling = 32

/** An entry that differs from that of the last map. */
export interface Change {
  readonly index: number
  readonly value: AttributeValue
  /** Bytes that it takes, with the field's key. */
  readonly length: number
}

/**
 * The values of the last map that was written, and its bytes: two metrics of one request have the same dimensions, and
 * requests of one proxy differ in few of them. One map of at most 2,048 bytes is kept, a larger one is forgotten. Only texts,
 * numbers and booleans are compared; what is an object may be another one inside, and is written anew.
 */
export class LastEntries {
  readonly #values: (AttributeValue | undefined)[]
  /** Where each entry begins, and where the last one ends. */
  readonly #starts: number[]
  #bytes = new Uint8Array(0)
  /** All of them, while the values of all are known. */
  #whole: Uint8Array | undefined
  /** Each map that is unlike the one before costs one, each that is like it earns one: where none is, comparing is a loss. */
  #credit = trust
  #passed = 0

  constructor(entries: number) {
    this.#values = new Array<AttributeValue | undefined>(entries).fill(undefined)
    this.#starts = new Array<number>(entries + 1).fill(0)
  }

  /** Whether the next map should be compared with the last one; otherwise it is written as it comes. */
  begin(): 'compare' | 'write' {
    if (this.#credit > 0) return 'compare'
    this.#passed = (this.#passed + 1) % sampling
    return this.#passed < 2 ? 'compare' : 'write'
  }

  /** The bytes of the last map, while all of it is kept; another map has another array. undefined: not all of it is. */
  get whole(): Uint8Array | undefined {
    return this.#whole
  }

  holds(index: number, value: AttributeValue): boolean {
    return Object.is(this.#values[index], value)
  }

  /** Writes the entries from `first` on and before `end`. */
  copy(writer: WireWriter, first: number, end: number): void {
    const start = this.#starts[first] ?? 0
    const behind = this.#starts[end] ?? 0
    if (behind > start) writer.raw(this.#bytes.subarray(start, behind))
  }

  /** Hears how the map differs that has been compared, and written since the writer was at `start`. */
  wrote(changes: readonly Change[], writer: WireWriter, start: number): void {
    const alike = changes.length * 2 <= this.#values.length
    if (alike && this.#credit < trust) this.#credit++
    else if (!alike && this.#credit > 0) this.#credit--
    if (changes.length === 0) return
    this.#whole = undefined
    // Objects are written anew whatever is kept, so that there is nothing to gain from keeping the latest.
    if (changes.some(({ value }) => typeof value !== 'object')) this.#become(changes, writer, start)
  }

  #become(changes: readonly Change[], writer: WireWriter, start: number): void {
    const length = writer.length - start
    if (length > longest) {
      this.#values.fill(undefined)
      this.#starts.fill(0)
      return
    }
    let next = 0
    let before = 0
    let at = 0
    for (let i = 0; i < this.#values.length; i++) {
      const end = this.#starts[i + 1] ?? 0
      const change = changes[next]
      if (change?.index === i) {
        this.#values[i] = typeof change.value === 'object' ? undefined : change.value
        at += change.length
        next++
      } else at += end - before
      before = end
      this.#starts[i + 1] = at
    }
    if (length > this.#bytes.length) this.#bytes = new Uint8Array(length)
    writer.copyInto(this.#bytes, start)
    if (changes.every(({ value }) => typeof value !== 'object')) this.#whole = this.#bytes.subarray(0, length)
  }
}

/** What no map has, so that none is made for a map that is the last one again. */
export const noChanges: readonly Change[] = []
