import { bytesType, varintType, type WireReader } from '../wire/reader.js'
import type { AttributeScan } from './scan.js'
import { rankCount, ranks } from './slots.js'
import type { Words } from './words.js'

const keyTag = (1 << 3) | varintType
const wordTag = (2 << 3) | varintType
const messageTag = (2 << 3) | bytesType
const pairTag = (1 << 3) | bytesType

/**
 * What is wrong with a later set of a delta report, or undefined. Such sets are read strictly: every index must be in
 * a dictionary, and a name may have one type only. Source: reference dispatch, section 7.
 */
export function invalidDelta(scan: AttributeScan, reader: WireReader, words: Words): string | undefined {
  const rankOfName = new Map<string, number>()
  for (let rank = 0; rank < rankCount; rank++) {
    const { triples, length } = scan.entries[rank]!
    for (let i = 0; i < length; i += 3) {
      const name = words.at(triples[i]!)
      if (name === undefined)
        return invalid(`attribute index ${triples[i]} is not defined in the dictionaries`)
      if ((rankOfName.get(name) ?? rank) !== rank) return invalid(`attribute ${name} has two types`)
      rankOfName.set(name, rank)
      if (rank > ranks.stringMaps) continue
      reader.pos = triples[i + 1]!
      reader.end = triples[i + 2]!
      const missing = rank === ranks.strings ? missingWord(reader, words) : missingInMap(reader, words)
      if (missing !== undefined) return invalid(`word index ${missing} of ${name} is not defined`)
    }
  }
  return undefined
}

function invalid(why: string): string {
  return `request could not be processed due to invalid attributes: ${why}`
}

/** The index of a string entry that no dictionary has. */
function missingWord(reader: WireReader, words: Words): number | undefined {
  let index = 0
  while (reader.more()) {
    const tag = reader.tag()
    if (tag === wordTag) index = reader.sint32()
    else reader.skip(tag)
  }
  return words.has(index) ? undefined : index
}

function missingInMap(reader: WireReader, words: Words): number | undefined {
  let missing: number | undefined
  while (reader.more()) {
    const tag = reader.tag()
    if (tag !== messageTag) {
      reader.skip(tag)
      continue
    }
    const outer = reader.enter()
    // Each pair is read, also behind a missing one: a pair that is not read is never passed.
    while (reader.more()) {
      const index = missingInPair(reader, words)
      missing ??= index
    }
    reader.leave(outer)
  }
  return missing
}

function missingInPair(reader: WireReader, words: Words): number | undefined {
  const tag = reader.tag()
  if (tag !== pairTag) {
    reader.skip(tag)
    return undefined
  }
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
  if (!words.has(key)) return key
  return words.has(value) ? undefined : value
}
