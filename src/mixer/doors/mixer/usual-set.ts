import type { AttributeBag, AttributeValue } from '../../attributes/index.js'
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

/** What `varint` answers when there is none. */
const failed = -1
/**
 * Behind the varint that was read last. Where the reading of a set stands is a local variable otherwise: V8 keeps those in
 * registers, and this one in memory.
 */
let behind = 0

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
  const { slotOfGlobal, rankOfSlot } = table
  begin(table.nameOfSlot.length)
  const marks = filled
  const mark = setNumber
  let total = 0
  let pos = reader.pos
  while (pos < end) {
    const rank = rankOfTag[bytes[pos++]!]!
    if (rank === none || ++total > limits.maxAttributes) return false
    // Most numbers take one byte or two.
    let length = bytes[pos++]!
    if (length > 0x7f) {
      length = varint(bytes, pos - 1, end)
      pos = behind
    }
    const entryEnd = pos + length
    if (length < 3 || entryEnd > end || bytes[pos] !== keyTag) return false
    let raw = bytes[pos + 1]!
    pos += 2
    if (raw > 0x7f) {
      raw = varint(bytes, pos - 1, entryEnd)
      pos = behind
      if (raw < 0) return false
    }
    if (pos >= entryEnd) return false
    const name = (raw >>> 1) ^ -(raw & 1)
    const slot = name < 0 ? words.slot(name, table.vocabulary) : slotOfGlobal[name]
    if (slot === undefined) return false
    if (slot < 0) {
      // Nobody declared it. Patches are read strictly: what is passed over must be right as well.
      if (isPatch) return false
    } else {
      if (marks[slot] === mark || rankOfSlot[slot] !== rank) return false
      marks[slot] = mark
      if (rank === ranks.strings) {
        if (bytes[pos] !== varintValueTag) return false
        const value = varint(bytes, pos + 1, entryEnd)
        if (value < 0 || behind !== entryEnd) return false
        const index = (value >>> 1) ^ -(value & 1)
        if (!words.has(index)) return false
        const known = words.known(index)
        if (known === undefined) bag.setLater(slot, new LaterWord(words, index))
        else bag.set(slot, known)
      } else if (!readUsualValue(bag, slot, rank, reader, pos, entryEnd, words, limits)) return false
    }
    pos = entryEnd
  }
  reader.pos = end
  return true
}

/** The value that is no text, between `start` and `end`, behind the entry's name. */
function readUsualValue(
  bag: AttributeBag,
  slot: number,
  rank: number,
  reader: WireReader,
  start: number,
  end: number,
  words: Words,
  limits: MessageLimits,
): boolean {
  const { bytes } = reader
  const tag = bytes[start]
  const pos = start + 1
  switch (rank) {
    case ranks.int64s:
    case ranks.bools: {
      if (tag !== varintValueTag) return false
      const short = varint(bytes, pos, end)
      const value = short >= 0 && behind === end ? short : fieldsTo(pos, end, reader, readInteger)
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
      const length = varint(bytes, pos, end)
      if (length < 0 || behind + length !== end) return false
      return readUsualMessage(bag, slot, rank, reader, behind, end, words, limits)
    }
  }
}

/** The values that have a length before them, from `start` to `end`. */
function readUsualMessage(
  bag: AttributeBag,
  slot: number,
  rank: number,
  reader: WireReader,
  start: number,
  end: number,
  words: Words,
  limits: MessageLimits,
): boolean {
  if (rank === ranks.bytes) {
    if (end - start !== 4 && end - start !== 16) return false
    bag.setLater(slot, new LaterAddress(reader.bytes, start, end))
    return true
  }
  if (rank === ranks.stringMaps) {
    if (!isUsualMap(reader.bytes, start, end, words, limits)) return false
    bag.setLater(slot, new LaterMap(reader.bytes, words, start, end))
    return true
  }
  const read = rank === ranks.timestamps ? readTimestamp : readDuration
  const value = fieldsTo<AttributeValue | undefined>(start, end, reader, read)
  if (value === undefined) return false
  bag.set(slot, value)
  return true
}

const readInteger = (reader: WireReader) => reader.int64()

/** What `read` makes of the bytes from `start` to `end`; undefined: nothing, or not of all of them. */
function fieldsTo<T>(
  start: number,
  end: number,
  reader: WireReader,
  read: (reader: WireReader) => T,
): T | undefined {
  const outer = reader.end
  reader.pos = start
  reader.end = end
  const value = read(reader)
  const isWhole = reader.pos === end && reader.problem === undefined
  reader.end = outer
  return isWhole ? value : undefined
}

/** Whether a string map has only entries of a key and a value behind it, of words in the dictionaries. */
function isUsualMap(bytes: Buffer, start: number, end: number, words: Words, limits: MessageLimits): boolean {
  let entries = 0
  let pos = start
  while (pos < end) {
    if (bytes[pos] !== pairTag || ++entries > limits.maxMapEntries) return false
    const length = bytes[pos + 1] ?? 0
    const entryEnd = pos + 2 + length
    // A length of more than one byte: more than two integers.
    if (length > 127 || entryEnd > end || bytes[pos + 2] !== keyTag) return false
    const key = varint(bytes, pos + 3, entryEnd)
    if (key < 0 || behind >= entryEnd || bytes[behind] !== varintValueTag) return false
    const value = varint(bytes, behind + 1, entryEnd)
    if (value < 0 || behind !== entryEnd) return false
    if (!words.has((key >>> 1) ^ -(key & 1)) || !words.has((value >>> 1) ^ -(value & 1))) return false
    pos = entryEnd
  }
  return true
}

/** A varint below 2^28, which stands at `start` and ends before `end`; `failed` otherwise. */
function varint(bytes: Buffer, start: number, end: number): number {
  let value = 0
  let pos = start
  for (let shift = 0; shift < 28 && pos < end; shift += 7) {
    const byte = bytes[pos++]!
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) {
      behind = pos
      return value
    }
  }
  return failed
}
