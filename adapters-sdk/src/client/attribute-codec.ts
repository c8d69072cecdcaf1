import type { WireWriter } from '../templates/wire/writer.js'
import type { AttributeValues, Value } from '../values.js'
import { globalIndex } from './dictionary.js'

/** Numbers for words: global ones below a bound, then message words in order of first use. */
export class ClientWords {
  readonly list: string[] = []
  readonly #indices = new Map<string, number>()

  constructor(readonly globalWordCount: number) {}

  index(word: string): number {
    const global = globalIndex(word)
    if (global !== undefined && global < this.globalWordCount) return global
    const known = this.#indices.get(word)
    if (known !== undefined) return known
    this.list.push(word)
    this.#indices.set(word, -this.list.length)
    return -this.list.length
  }
}

/** A field's key on the wire: its number and how it is written. */
export function varintKey(field: number): number {
  return field << 3
}
export function lengthKey(field: number): number {
  return (field << 3) | 2
}

/** The words of a message, each as an entry of a repeated field. */
export function writeWords(writer: WireWriter, field: number, words: ClientWords): void {
  for (const word of words.list) {
    writer.uint32(lengthKey(field))
    writer.string(word)
  }
}

/** The field number of each type's map. Source: reference wire-mixer-v1, section 3. */
const fieldOfType: Readonly<Record<Value['type'], number>> = {
  STRING: 2,
  EMAIL_ADDRESS: 2,
  URI: 2,
  DNS_NAME: 2,
  INT64: 3,
  DOUBLE: 4,
  BOOL: 5,
  TIMESTAMP: 6,
  DURATION: 7,
  IP_ADDRESS: 8,
  STRING_MAP: 9,
}

/** Writes the typed maps of `CompressedAttributes`; the words that they use are added to `words`. */
export function writeAttributes(writer: WireWriter, attributes: AttributeValues, words: ClientWords): void {
  for (const [name, value] of Object.entries(attributes)) {
    writer.uint32(lengthKey(fieldOfType[value.type]))
    const entry = writer.begin()
    writeIndex(writer, 1, words.index(name))
    writeValue(writer, value, words)
    writer.end(entry)
  }
}

function writeIndex(writer: WireWriter, field: number, index: number): void {
  writer.uint32(varintKey(field))
  writer.uint32(((index << 1) ^ (index >> 31)) >>> 0)
}

const nanosPerSecond = 1_000_000_000n

/** Writes the value (field 2) of an entry of a typed map. */
function writeValue(writer: WireWriter, attribute: Value, words: ClientWords): void {
  switch (attribute.type) {
    case 'STRING':
    case 'EMAIL_ADDRESS':
    case 'URI':
    case 'DNS_NAME':
      writeIndex(writer, 2, words.index(attribute.value))
      return
    case 'INT64':
      writer.uint32(varintKey(2))
      writer.int64(attribute.value)
      return
    case 'DOUBLE':
      writer.uint32((2 << 3) | 1)
      writer.double(attribute.value)
      return
    case 'BOOL':
      writer.uint32(varintKey(2))
      writer.bool(attribute.value)
      return
    case 'TIMESTAMP':
      writePair(writer, BigInt(attribute.value.seconds), attribute.value.nanos)
      return
    case 'DURATION':
      writePair(writer, attribute.value / nanosPerSecond, Number(attribute.value % nanosPerSecond))
      return
    case 'IP_ADDRESS':
      writer.uint32(lengthKey(2))
      writer.bytes(attribute.value)
      return
    case 'STRING_MAP': {
      writer.uint32(lengthKey(2))
      const map = writer.begin()
      for (const [key, value] of Object.entries(attribute.value)) {
        writer.uint32(lengthKey(1))
        const pair = writer.begin()
        writeIndex(writer, 1, words.index(key))
        writeIndex(writer, 2, words.index(value))
        writer.end(pair)
      }
      writer.end(map)
    }
  }
}

/** A Timestamp or a Duration. */
function writePair(writer: WireWriter, seconds: bigint, nanos: number): void {
  writer.uint32(lengthKey(2))
  const start = writer.begin()
  if (seconds !== 0n) {
    writer.uint32(varintKey(1))
    writer.int64(seconds)
  }
  if (nanos !== 0) {
    writer.uint32(varintKey(2))
    writer.int64(nanos)
  }
  writer.end(start)
}
