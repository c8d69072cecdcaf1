import type { Buffer } from 'node:buffer'
import type { FieldValue } from '../../contract.js'
import { instanceNameField, type MessageShape } from '../../template.js'
import { WireReader } from '../wire/reader.js'
import { PlainRecord } from '../wire/record.js'
import { type MessageCodec, messageCodec } from './message.js'
import { Runs } from './runs.js'

/** The key of an instance's name on the wire. */
export const nameKey = ((instanceNameField << 3) | 2) >>> 0

/** Ends of instances that are kept: a few metrics, each with a few sets of dimensions. */
const endPlaces = 8
/** Bytes of the shortest end that is kept; a shorter one is read as quickly as it is compared. */
const shortest = 64

/** What an instance holds behind its first field, when nothing of it can be changed. */
interface InstanceEnd {
  readonly fields: readonly { readonly name: string; readonly value: FieldValue | undefined }[]
  readonly name: string
}

/** What was read of an instance. */
export interface InstanceContent {
  readonly name: string
  readonly fields: PlainRecord
}

/**
 * Reads instances of one template. The first field of an instance is often all that differs: the value of a metric stands there, and
 * behind it the same dimensions and names as before, which are then known by their bytes.
 */
class InstanceCodec {
  readonly #message: MessageCodec
  readonly #ends = new Runs<InstanceEnd>(endPlaces)

  constructor(shape: MessageShape) {
    this.#message = messageCodec(shape)
  }

  /** Unknown fields are passed over. */
  read(reader: WireReader): InstanceContent {
    const fields = new PlainRecord()
    if (!reader.more()) return { name: '', fields }
    const firstKey = reader.key()
    const first = this.#field(reader, firstKey, fields, '')
    const { buffer, at, end } = reader
    if (firstKey === nameKey || end - at < shortest) return this.#rest(reader, fields, first)
    const known = this.#ends.find(buffer, at, end)
    if (known?.what !== undefined && known.length === end - at) {
      for (const { name, value } of known.what.fields) fields[name] = value
      reader.toEnd()
      return { name: known.what.name, fields }
    }
    const before = Object.keys(fields)
    const content = this.#rest(reader, fields, first)
    this.#ends.learn(buffer, at, end, () => this.#endOf(content, before, firstKey >>> 3, buffer, at, end))
    return content
  }

  /** Reads what is left. */
  #rest(reader: WireReader, fields: PlainRecord, first: string): InstanceContent {
    let name = first
    while (reader.more()) name = this.#field(reader, reader.key(), fields, name)
    return { name, fields }
  }

  /** Reads a field; answers the name when it is that, else the one that was known before. */
  #field(reader: WireReader, key: number, into: PlainRecord, name: string): string {
    if (key === nameKey) return reader.string()
    if (!this.#message.readField(reader, key, into)) reader.skip(key)
    return name
  }

  /** What stands from `at` to `end`, unless it has to do with the first field, or could be changed. */
  #endOf(
    { name, fields }: InstanceContent,
    before: readonly string[],
    first: number,
    buffer: Buffer,
    at: number,
    end: number,
  ): InstanceEnd | undefined {
    const reader = new WireReader(buffer.subarray(at, end))
    while (reader.more()) {
      const key = reader.key()
      if (key >>> 3 === first) return undefined
      reader.skip(key)
    }
    const behind = Object.entries(fields).filter(([field]) => !before.includes(field))
    if (!behind.every(([, value]) => isFixed(value))) return undefined
    return { name, fields: behind.map(([field, value]) => ({ name: field, value })) }
  }
}

/** Whether nothing inside can be changed, so that many instances may hold it. */
function isFixed(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  return Object.isFrozen(value) && Object.values(value).every(isFixed)
}

const codecs = new WeakMap<MessageShape, InstanceCodec>()

/** The codec of a template's instances, compiled once. */
export function instanceCodec(shape: MessageShape): InstanceCodec {
  let codec = codecs.get(shape)
  if (codec === undefined) {
    codec = new InstanceCodec(shape)
    codecs.set(shape, codec)
  }
  return codec
}
