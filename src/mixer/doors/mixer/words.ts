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
  readonly #spans: number[]
  /** By position, as soon as somebody has asked for a word: by then all have been added. */
  #decoded: (string | undefined)[] | undefined = undefined
  #count = 0
  /** Of message words that name attributes, by position; a hole where nobody has asked. */
  #slots: (Slot | undefined)[] | undefined = undefined

  /** @param expected how many words there may be: room for so many is made at once. */
  constructor(bytes: Buffer, expected = 0) {
    this.#bytes = bytes
    this.#spans = new Array<number>(2 * expected)
  }

  get count(): number {
    return this.#count
  }

  /** Adds a word. Not after a word has been asked for. */
  add(start: number, end: number): void {
    // By index, which V8 makes part of the caller; `push` it calls.
    const at = 2 * this.#count++
    this.#spans[at] = start
    this.#spans[at + 1] = end
  }

  /** The word at an index; undefined when the index is in neither dictionary. */
  at(index: number): string | undefined {
    if (index >= 0) return globalWords[index]
    const slot = -index - 1
    if (slot >= this.#count) return undefined
    this.#decoded ??= new Array<string | undefined>(this.#count).fill(undefined)
    const known = this.#decoded[slot]
    if (known !== undefined) return known
    const word = decodeText(this.#bytes, this.#spans[2 * slot]!, this.#spans[2 * slot + 1]!)
    this.#decoded[slot] = word
    return word
  }

  /** The word at an index, unless nobody has asked for it yet. */
  known(index: number): string | undefined {
    return index >= 0 ? globalWords[index] : this.#decoded?.[-index - 1]
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
    if (slot >= this.#count) return false
    const known = this.#decoded?.[slot]
    if (known !== undefined) return known === word
    // UTF-8 needs one to three bytes for each UTF-16 unit, so most words are told apart by their length.
    const size = this.#spans[2 * slot + 1]! - this.#spans[2 * slot]!
    return size >= word.length && size <= 3 * word.length && this.at(index) === word
  }

  /** Whether an index is in one of the dictionaries. */
  has(index: number): boolean {
    return index >= 0 ? index < globalWords.length : -index - 1 < this.#count
  }
}
