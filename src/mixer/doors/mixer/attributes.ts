import type { AttributeBag, AttributeValue } from '../../attributes/index.js'
import { bytesType, varintType, type WireReader } from '../wire/reader.js'
import { readDuration, readTimestamp } from '../wire/well-known.js'
import type { MessageLimits } from './limits.js'
import type { AttributeScan } from './scan.js'
import { rankCount, ranks, type SlotTable } from './slots.js'
import { WordMap } from './word-map.js'
import type { Words } from './words.js'

/** Why an attribute of a message became absent. */
export const dropReasons = ['bad_index', 'wrong_type', 'bad_value'] as const
export type Dropped = (typeof dropReasons)[number]

/** Hears of each attribute that could not be taken. */
export type OnDropped = (why: Dropped, name: string) => void

const keyTag = (1 << 3) | varintType
const wordTag = (2 << 3) | varintType
const doubleTag = (2 << 3) | 1
const messageTag = (2 << 3) | bytesType
const pairTag = (1 << 3) | bytesType

/** Which slots have been decided, by the number of the current decoding: nothing has to be cleared in between. */
let decided = new Uint32Array(256)
let decoding = 0

function begin(slots: number): void {
  if (decided.length < slots || decoding === 0xffffffff) {
    decided = new Uint32Array(Math.max(slots, decided.length))
    decoding = 0
  }
  decoding++
}

/**
 * Puts what a scan has found into a bag. A name that occurs more than once is decided as Mixer decides it: message
 * words before global words, then the order of the typed maps, then (in one map) the last entry. An attribute whose
 * index is in no dictionary, or whose value is not of the declared type, is absent; names that are not declared are
 * passed over unread.
 */
export function fillBag(
  bag: AttributeBag,
  scan: AttributeScan,
  reader: WireReader,
  words: Words,
  table: SlotTable,
  limits: MessageLimits,
  onDropped: OnDropped,
): void {
  begin(table.nameOfSlot.length)
  if (scan.hasMessageNames) fill(bag, scan, reader, words, table, limits, onDropped, slotOfMessageWord)
  fill(bag, scan, reader, words, table, limits, onDropped, slotOfGlobalWord)
}

/** The slot of a name index; -1: not declared; -2: in no dictionary; -3: not for this pass. */
type SlotOf = (name: number, table: SlotTable, words: Words) => number
const undeclared = -1
const badIndex = -2
const otherPass = -3

const slotOfGlobalWord: SlotOf = (name, table) =>
  name < 0 ? otherPass : (table.slotOfGlobal[name] ?? badIndex)

const slotOfMessageWord: SlotOf = (name, table, words) => {
  if (name >= 0) return otherPass
  const word = words.at(name)
  return word === undefined ? badIndex : (table.vocabulary.slot(word) ?? undeclared)
}

function fill(
  bag: AttributeBag,
  scan: AttributeScan,
  reader: WireReader,
  words: Words,
  table: SlotTable,
  limits: MessageLimits,
  onDropped: OnDropped,
  slotOf: SlotOf,
): void {
  for (let rank = 0; rank < rankCount; rank++) {
    const { triples, length } = scan.entries[rank]!
    for (let i = length - 3; i >= 0; i -= 3) {
      const slot = slotOf(triples[i]!, table, words)
      if (slot < 0) {
        if (slot === badIndex) onDropped('bad_index', '')
        continue
      }
      if (decided[slot] === decoding) continue
      decided[slot] = decoding
      if (table.rankOfSlot[slot] !== rank) {
        // Absent, also when the set before had a value.
        bag.clear(slot)
        onDropped('wrong_type', table.nameOfSlot[slot]!)
        continue
      }
      reader.pos = triples[i + 1]!
      reader.end = triples[i + 2]!
      const value = readValue(reader, rank, words, limits)
      if (value !== undefined) bag.set(slot, value)
      else {
        bag.clear(slot)
        onDropped(rank <= ranks.stringMaps ? 'bad_index' : 'bad_value', table.nameOfSlot[slot]!)
      }
    }
  }
}

/**
 * Reads the value of one entry of a typed map; the reader stands behind the key. Undefined: a word that is in no
 * dictionary (strings, string maps), or a value outside its type's range (all others).
 */
function readValue(
  reader: WireReader,
  rank: number,
  words: Words,
  limits: MessageLimits,
): AttributeValue | undefined {
  switch (rank) {
    case ranks.strings: {
      let index = 0
      while (reader.more()) {
        const tag = reader.tag()
        if (tag === wordTag) index = reader.sint32()
        else reader.skip(tag)
      }
      return words.at(index)
    }
    case ranks.int64s:
    case ranks.bools: {
      let value: ReturnType<WireReader['int64']> = 0
      while (reader.more()) {
        const tag = reader.tag()
        if (tag === wordTag) value = reader.int64()
        else reader.skip(tag)
      }
      return rank === ranks.bools ? value !== 0 : value
    }
    case ranks.doubles: {
      let value = 0
      while (reader.more()) {
        const tag = reader.tag()
        if (tag === doubleTag) value = reader.double()
        else reader.skip(tag)
      }
      return value
    }
    case ranks.bytes: {
      let value: Uint8Array | undefined
      while (reader.more()) {
        const tag = reader.tag()
        if (tag === messageTag) value = reader.copyBytes()
        else reader.skip(tag)
      }
      return value !== undefined && (value.length === 4 || value.length === 16) ? value : undefined
    }
    default:
      return readMessage(reader, rank, words, limits)
  }
}

/** The values that are messages of their own. An entry without one means an empty one. */
function readMessage(
  reader: WireReader,
  rank: number,
  words: Words,
  limits: MessageLimits,
): AttributeValue | undefined {
  let found = false
  let start = reader.end
  let end = reader.end
  const entryEnd = reader.end
  while (reader.more()) {
    const tag = reader.tag()
    if (tag === messageTag) {
      const length = reader.length()
      found = true
      start = reader.pos
      end = start + length
      reader.pos = end
    } else reader.skip(tag)
  }
  if (reader.problem !== undefined) return undefined
  reader.pos = found ? start : entryEnd
  reader.end = found ? end : entryEnd
  if (rank === ranks.timestamps) return readTimestamp(reader)
  if (rank === ranks.durations) return readDuration(reader)
  return readWordMap(reader, words, limits)
}

function readWordMap(reader: WireReader, words: Words, limits: MessageLimits): WordMap | undefined {
  const pairs: number[] = []
  let complete = true
  while (reader.more()) {
    const tag = reader.tag()
    if (tag !== pairTag) {
      reader.skip(tag)
      continue
    }
    if (pairs.length >= 2 * limits.maxMapEntries) reader.fail(`more than ${limits.maxMapEntries} map entries`)
    const outer = reader.enter()
    let key = 0
    let value = 0
    while (reader.more()) {
      const inner = reader.tag()
      if (inner === keyTag) key = reader.sint32()
      else if (inner === wordTag) value = reader.sint32()
      else reader.skip(inner)
    }
    reader.leave(outer)
    if (!words.has(key) || !words.has(value)) complete = false
    pairs.push(key, value)
  }
  return complete ? new WordMap(words, pairs) : undefined
}
