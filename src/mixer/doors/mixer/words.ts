import type { Slot, Vocabulary } from '../../attributes/index.js'
import { decodeText } from '../wire/text.js'
import { globalWords } from './dictionary.js'

/**
 * The words of one message, decoded when they are first asked for: many are never. An index counts global words from
 * 0 up and message words from -1 down. Source: reference wire-mixer-v1, section 4.
 */
export class Words {
  readonly #bytes: Buffer
  /** Start and end of each word in `#bytes`. */
  readonly #spans: number[] = []
  readonly #decoded: (string | undefined)[] = []
  /** Of message words that name attributes, by position; a hole where nobody has asked. */
  #slots: (Slot | undefined)[] | undefined = undefined

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get count(): number {
    return this.#decoded.length
  }

  add(start: number, end: number): void {
    this.#spans.push(start, end)
    this.#decoded.push(undefined)
  }

  /** The word at an index; undefined when the index is in neither dictionary. */
  at(index: number): string | undefined {
    if (index >= 0) return globalWords[index]
    const slot = -index - 1
    if (slot >= this.#decoded.length) return undefined
    const known = this.#decoded[slot]
    if (known !== undefined) return known
    const word = decodeText(this.#bytes, this.#spans[2 * slot]!, this.#spans[2 * slot + 1]!)
    this.#decoded[slot] = word
    return word
  }

  /** The word at an index, unless nobody has asked for it yet. */
  known(index: number): string | undefined {
    return index >= 0 ? globalWords[index] : this.#decoded[-index - 1]
  }

  /** The slot that a message word names; -1: nobody declared it; undefined: it is in no dictionary. One vocabulary a message. */
  slot(index: number, vocabulary: Vocabulary): Slot | undefined {
    this.#slots ??= []
    const known = this.#slots[-index - 1]
    if (known !== undefined) return known
    const name = this.at(index)
    if (name === undefined) return undefined
    const slot = vocabulary.slot(name) ?? -1
    this.#slots[-index - 1] = slot
    return slot
  }

  /** Whether the word at an index is a given one, without decoding words that cannot be. */
  is(index: number, word: string): boolean {
    if (index >= 0) return globalWords[index] === word
    const slot = -index - 1
    if (slot >= this.#decoded.length) return false
    const known = this.#decoded[slot]
    if (known !== undefined) return known === word
    // UTF-8 needs one to three bytes for each UTF-16 unit, so most words are told apart by their length.
    const size = this.#spans[2 * slot + 1]! - this.#spans[2 * slot]!
    return size >= word.length && size <= 3 * word.length && this.at(index) === word
  }

  /** Whether an index is in one of the dictionaries. */
  has(index: number): boolean {
    return index >= 0 ? index < globalWords.length : -index - 1 < this.#decoded.length
  }
}
