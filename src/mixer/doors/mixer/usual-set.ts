import type { AttributeBag } from '../../attributes/index.js'
import type { WireReader } from '../wire/reader.js'
import { readDuration, readTimestamp } from '../wire/well-known.js'
import { LaterAddress, LaterMap, LaterWord } from './later-values.js'
import type { MessageLimits } from './limits.js'
import { ranks, type SlotTable } from './slots.js'
import type { Words } from './words.js'

const none = -1
/** The rank of each typed map by the key of its field, which is one byte. Source: reference wire-mixer-v1, section 2.5. */
const rankOfTag = new Int8Array(256).fill(none)
for (const [field, rank] of [
  [2, ranks.strings],
  [3, ranks.int64s],
  [4, ranks.doubles],
  [5, ranks.bools],
  [6, ranks.timestamps],
  [7, ranks.durations],
  [8, ranks.bytes],
  [9, ranks.stringMaps],
] as const)
  rankOfTag[(field << 3) | 2] = rank

const keyTag = 0x08
const varintValueTag = 0x10
const doubleValueTag = 0x11
const messageValueTag = 0x12
const pairTag = 0x0a

/** Which slots a set has filled, by the number of the set: nothing has to be cleared in between. */
let filled = new Uint32Array(256)
let setNumber = 0

function begin(slots: number): void {
  if (filled.length < slots || setNumber === 0xffffffff) {
    filled = new Uint32Array(Math.max(slots, filled.length))
    setNumber = 0
  }
  setNumber++
}

/** Where the reading of the current set stands; `failed`: it is not a usual one. */
let pos = 0
const failed = -1

/**
 * Puts an attribute set into a bag in one pass, when it is as proxies write them: every name stands once and has its declared
 * type, every entry is its key and then its value, every index is in a dictionary, and the set has no words of its own.
 * Answers false when anything is otherwise; the bag is then worthless, and the set has to be read in full, by scan and
 * `fillBag`, which say what is wrong. What both take, they take alike. A patch is a later set of a delta report.
 */
export function readUsualSet(
  bag: AttributeBag,
  isPatch: boolean,
  reader: WireReader,
  words: Words,
  table: SlotTable,
  limits: MessageLimits,
): boolean {
  const { bytes, end } = reader
  begin(table.nameOfSlot.length)
  let total = 0
  pos = reader.pos
  while (pos < end) {
    const rank = rankOfTag[bytes[pos++]!]!
    if (rank === none || ++total > limits.maxAttributes) return false
    const length = varint(bytes, end)
    const entryEnd = pos + length
    if (length < 0 || entryEnd > end || bytes[pos] !== keyTag) return false
    pos++
    const raw = varint(bytes, entryEnd)
    if (raw < 0 || pos >= entryEnd) return false
    const name = (raw >>> 1) ^ -(raw & 1)
    const slot = name < 0 ? words.slot(name, table.vocabulary) : table.slotOfGlobal[name]
    if (slot === undefined) return false
    if (slot < 0) {
      // Nobody declared it. Patches are read strictly: what is passed over must be right as well.
      if (isPatch) return false
    } else {
      if (filled[slot] === setNumber || table.rankOfSlot[slot] !== rank) return false
      filled[slot] = setNumber
      if (!readUsualValue(bag, slot, rank, reader, entryEnd, words, limits)) return false
    }
    pos = entryEnd
  }
  reader.pos = end
  return true
}

function readUsualValue(
  bag: AttributeBag,
  slot: number,
  rank: number,
  reader: WireReader,
  end: number,
  words: Words,
  limits: MessageLimits,
): boolean {
  const { bytes } = reader
  const tag = bytes[pos++]
  switch (rank) {
    case ranks.strings: {
      if (tag !== varintValueTag) return false
      const raw = varint(bytes, end)
      const index = (raw >>> 1) ^ -(raw & 1)
      if (raw < 0 || pos !== end || !words.has(index)) return false
      const known = words.known(index)
      if (known === undefined) bag.setLater(slot, new LaterWord(words, index))
      else bag.set(slot, known)
      return true
    }
    case ranks.int64s:
    case ranks.bools: {
      if (tag !== varintValueTag) return false
      const value = fieldsTo(end, reader, readInteger)
      if (value === undefined) return false
      bag.set(slot, rank === ranks.bools ? value !== 0 : value)
      return true
    }
    case ranks.doubles:
      if (tag !== doubleValueTag || pos + 8 !== end) return false
      bag.set(slot, bytes.readDoubleLE(pos))
      return true
    default: {
      if (tag !== messageValueTag) return false
      const length = varint(bytes, end)
      if (length < 0 || pos + length !== end) return false
      return readUsualMessage(bag, slot, rank, reader, end, words, limits)
    }
  }
}

/** The values that have a length before them; from here to the end. */
function readUsualMessage(
  bag: AttributeBag,
  slot: number,
  rank: number,
  reader: WireReader,
  end: number,
  words: Words,
  limits: MessageLimits,
): boolean {
  if (rank === ranks.bytes) {
    if (end - pos !== 4 && end - pos !== 16) return false
    bag.setLater(slot, new LaterAddress(reader.bytes, pos, end))
    return true
  }
  if (rank === ranks.stringMaps) {
    const start = pos
    if (!isUsualMap(reader.bytes, end, words, limits)) return false
    bag.setLater(slot, new LaterMap(reader.bytes, words, start, end))
    return true
  }
  const value =
    rank === ranks.timestamps ? fieldsTo(end, reader, readTimestamp) : fieldsTo(end, reader, readDuration)
  if (value === undefined) return false
  bag.set(slot, value)
  return true
}

const readInteger = (reader: WireReader) => reader.int64()

/** What `read` makes of the bytes from here to the end; undefined: nothing, or not of all of them. */
function fieldsTo<T>(end: number, reader: WireReader, read: (reader: WireReader) => T): T | undefined {
  const outer = reader.end
  reader.pos = pos
  reader.end = end
  const value = read(reader)
  const isWhole = reader.pos === end && reader.problem === undefined
  reader.end = outer
  return isWhole ? value : undefined
}

/** Whether a string map has only entries of a key and a value behind it, of words in the dictionaries. */
function isUsualMap(bytes: Buffer, end: number, words: Words, limits: MessageLimits): boolean {
  let entries = 0
  while (pos < end) {
    if (bytes[pos] !== pairTag || ++entries > limits.maxMapEntries) return false
    const entryEnd = pos + 2 + (bytes[pos + 1] ?? 0)
    // A length of more than one byte: more than two integers.
    if ((bytes[pos + 1] ?? 0) > 127 || entryEnd > end || bytes[pos + 2] !== keyTag) return false
    pos += 3
    const key = varint(bytes, entryEnd)
    if (key < 0 || pos >= entryEnd || bytes[pos++] !== varintValueTag) return false
    const value = varint(bytes, entryEnd)
    if (value < 0 || pos !== entryEnd) return false
    if (!words.has((key >>> 1) ^ -(key & 1)) || !words.has((value >>> 1) ^ -(value & 1))) return false
  }
  return true
}

/** A varint below 2^28, which ends before the end; `failed` otherwise. */
function varint(bytes: Buffer, end: number): number {
  let value = 0
  for (let shift = 0; shift < 28 && pos < end; shift += 7) {
    const byte = bytes[pos++]!
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) return value
  }
  return failed
}
