import { Later } from '../../attributes/index.js'
import { WordMap } from './word-map.js'
import type { Words } from './words.js'

/** A text that is a word of the message; the dictionary keeps it once it was decoded. */
export class LaterWord extends Later {
  constructor(
    readonly words: Words,
    /** Is in one of the dictionaries. */
    readonly index: number,
  ) {
    super()
  }

  value(): string {
    return this.words.at(this.index) ?? ''
  }
}

/** An address of 4 or 16 bytes. */
export class LaterAddress extends Later {
  #made: Uint8Array | undefined = undefined

  constructor(
    readonly message: Buffer,
    readonly start: number,
    readonly end: number,
  ) {
    super()
  }

  /** A copy, so that it does not keep the whole message alive. */
  value(): Uint8Array {
    this.#made ??= new Uint8Array(this.message.subarray(this.start, this.end))
    return this.#made
  }
}

/** A string map whose entries have been checked: each is a key index and a value index, both in a dictionary. */
export class LaterMap extends Later {
  #made: WordMap | undefined = undefined

  constructor(
    readonly message: Buffer,
    readonly words: Words,
    readonly start: number,
    readonly end: number,
  ) {
    super()
  }

  value(): WordMap {
    this.#made ??= new WordMap(this.words, this.#pairs())
    return this.#made
  }

  /** Of each entry, the two integers behind their keys. */
  #pairs(): number[] {
    const { message } = this
    const pairs: number[] = []
    let pos = this.start
    while (pos < this.end) {
      // An entry's key and length are one byte each, and so is the key of each integer.
      const entryEnd = pos + 2 + (message[pos + 1] ?? 0)
      pos += 2
      while (pos < entryEnd) {
        pos++
        let raw = 0
        for (let shift = 0; ; shift += 7) {
          const byte = message[pos++] ?? 0
          raw |= (byte & 0x7f) << shift
          if (byte < 0x80) break
        }
        pairs.push((raw >>> 1) ^ -(raw & 1))
      }
    }
    return pairs
  }
}
