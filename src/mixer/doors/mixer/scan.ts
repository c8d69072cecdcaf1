import { bytesType, varintType, type WireReader } from '../wire/reader.js'
import type { MessageLimits } from './limits.js'
import { rankCount, ranks } from './slots.js'
import type { Words } from './words.js'

const none = -1
/** The rank of each field number of `CompressedAttributes`. Source: reference wire-mixer-v1, section 2.5. */
const rankOfField = [
  none,
  none, // 1: words
  ranks.strings,
  ranks.int64s,
  ranks.doubles,
  ranks.bools,
  ranks.timestamps,
  ranks.durations,
  ranks.bytes,
  ranks.stringMaps,
] as const

const keyTag = (1 << 3) | varintType
const wordTag = (1 << 3) | bytesType

/**
 * The entries of one typed map: name index, start and end of the fields behind the key, of each. Kept between messages,
 * as large as the largest so far.
 */
export class EntryList {
  triples = new Int32Array(3 * 32)
  /** How many numbers of `triples` are in use. */
  length = 0

  push(name: number, start: number, end: number): void {
    if (this.length === this.triples.length) {
      const larger = new Int32Array(2 * this.triples.length)
      larger.set(this.triples)
      this.triples = larger
    }
    const triples = this.triples
    triples[this.length++] = name
    triples[this.length++] = start
    triples[this.length++] = end
  }
}

/**
 * Where the attributes of one set stand in its message: for each typed map the name index of each entry and the span
 * of its value. One scan is used for every message, since decoding never waits.
 */
export class AttributeScan {
  /** By rank. */
  readonly entries: readonly EntryList[] = Array.from({ length: rankCount }, () => new EntryList())
  total = 0
  /** Whether some name is a message word. */
  hasMessageNames = false

  clear(): void {
    for (const list of this.entries) list.length = 0
    this.total = 0
    this.hasMessageNames = false
  }

  /** Reads the fields of `CompressedAttributes` up to the reader's end. Words are added to `words`. */
  read(reader: WireReader, words: Words, limits: MessageLimits): void {
    while (reader.more()) {
      const tag = reader.tag()
      if (tag === wordTag) {
        const length = reader.length()
        if (words.count >= limits.maxWords) reader.fail(`more than ${limits.maxWords} words`)
        words.add(reader.pos, reader.pos + length)
        reader.pos += length
        continue
      }
      const rank = (tag & 7) === bytesType ? (rankOfField[tag >>> 3] ?? none) : none
      if (rank === none) {
        reader.skip(tag)
        continue
      }
      if (this.total >= limits.maxAttributes) reader.fail(`more than ${limits.maxAttributes} attributes`)
      const outer = reader.enter()
      this.#entry(reader, rank)
      reader.leave(outer)
    }
  }

  #entry(reader: WireReader, rank: number): void {
    const start = reader.pos
    let name = 0
    let valueStart = start
    if (reader.more() && reader.bytes[start] === keyTag) {
      // The usual order, key first: the rest is the value.
      reader.pos++
      name = reader.sint32()
      valueStart = reader.pos
      reader.pos = reader.end
    } else {
      while (reader.more()) {
        const tag = reader.tag()
        if (tag === keyTag) name = reader.sint32()
        else reader.skip(tag)
      }
    }
    this.total++
    if (name < 0) this.hasMessageNames = true
    this.entries[rank]?.push(name, valueStart, reader.end)
  }
}
