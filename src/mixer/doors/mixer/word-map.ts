import type { StringMap } from '../../attributes/index.js'
import type { Words } from './words.js'

/**
 * A string map as it stands on the wire: pairs of word indices. One key is looked up without decoding the others, and
 * no `Map` is built. Every index has been checked to be in a dictionary.
 */
export class WordMap implements StringMap {
  readonly #words: Words
  /** Key index, value index, key index, ... */
  readonly #pairs: readonly number[]
  #size = -1

  constructor(words: Words, pairs: readonly number[]) {
    this.#words = words
    this.#pairs = pairs
  }

  get size(): number {
    // Two indices may stand for one word (global and message), so pairs are not simply counted.
    if (this.#size < 0) this.#size = new Map(this.#decoded()).size
    return this.#size
  }

  /** When a key stands twice, the later one counts, as for any protobuf map. */
  get(key: string): string | undefined {
    const pairs = this.#pairs
    for (let i = pairs.length - 2; i >= 0; i -= 2) {
      if (this.#words.is(pairs[i]!, key)) return this.#words.at(pairs[i + 1]!)
    }
    return undefined
  }

  has(key: string): boolean {
    return this.get(key) !== undefined
  }

  entries(): IterableIterator<[string, string]> {
    return new Map(this.#decoded()).entries()
  }

  *#decoded(): Generator<[string, string]> {
    for (let i = 0; i < this.#pairs.length; i += 2)
      yield [this.#words.at(this.#pairs[i]!) ?? '', this.#words.at(this.#pairs[i + 1]!) ?? '']
  }
}
