import { AdapterError } from '../../errors.js'
import type { FieldShape, FieldType, MessageShape } from '../../template.js'
import { nearest } from '../nearest.js'
import { maxDepth } from '../wire/limits.js'
import { type WireReader, wireType } from '../wire/reader.js'
import { PlainRecord } from '../wire/record.js'
import type { WireWriter } from '../wire/writer.js'
import { type Element, wrongForm } from './element.js'
import {
  type AnyRecord,
  type ElementAt,
  expectWire,
  type FieldCodec,
  fieldGetter,
  inField,
  isRecord,
  type ReadWrite,
  repeatedField,
  singleField,
} from './field.js'
import { mapField } from './map.js'
import { wellknownElement, wrappedElement } from './policy.js'
import { enumElement, scalarElement } from './scalar.js'
import { valueElement } from './value.js'

/** A message compiled for the wire: one closure to write and one to read for each field. */
export class MessageCodec {
  readonly #fields: readonly FieldCodec[]
  readonly #byNumber: ReadonlyMap<number, FieldCodec>

  constructor(shape: MessageShape) {
    this.#fields = [...shape.fields].sort((a, b) => a.number - b.number).map(fieldCodec)
    this.#byNumber = new Map(this.#fields.map(field => [field.number, field]))
  }

  /** Writes the fields that are in the record, in ascending order of number. */
  writeFields(writer: WireWriter, record: AnyRecord, depth: number): void {
    if (depth > maxDepth) throw wrongForm(`at most ${maxDepth} messages inside each other`, record)
    let written = 0
    for (const field of this.#fields) {
      const value: unknown = field.get(record)
      if (value === undefined) continue
      written++
      try {
        field.write(writer, value, depth)
      } catch (error) {
        throw inField(error, field.name)
      }
    }
    if (written < Object.keys(record).length) this.#refuseUnknown(record)
  }

  #refuseUnknown(record: AnyRecord): void {
    const known = this.#fields.map(field => field.name)
    for (const [name, value] of Object.entries(record)) {
      if (value === undefined || known.includes(name)) continue
      const near = nearest(name, known)
      throw new AdapterError(
        'ADAPTER_PROTOCOL',
        `no field ${JSON.stringify(name)}${near === undefined ? '' : `; did you mean "${near}"?`}`,
      )
    }
  }

  /** Reads one field; false when the message has none of that number. */
  readField(reader: WireReader, key: number, into: PlainRecord): boolean {
    const field = this.#byNumber.get(key >>> 3)
    if (field === undefined) return false
    field.read(reader, key & 7, into)
    return true
  }

  /** Reads fields up to the end of the message that the reader is in. */
  readFields(reader: WireReader, into: PlainRecord): void {
    while (reader.more()) {
      const key = reader.key()
      if (!this.readField(reader, key, into)) reader.skip(key)
    }
  }
}

function fieldCodec(field: FieldShape): FieldCodec {
  const { name, number, type } = field
  const get = fieldGetter(name)
  switch (type.kind) {
    case 'map':
      return { name, number, get, ...mapField(field, itemElement(type.value), memoryFor(type.value)) }
    case 'repeated':
      return { name, number, get, ...repeatedField(field, itemElement(type.item)) }
    case 'message':
      return { name, number, get, ...messageField(field, type.shape) }
    case 'scalar':
    case 'enum':
    case 'value':
    case 'wrapped':
    case 'wellknown':
      return { name, number, get, ...singleField(field, plainElement(type)) }
  }
}

/** The map fields whose entries come again and hold little. */
function memoryFor({ kind }: FieldType): 'entries' | 'none' {
  return kind === 'value' || kind === 'scalar' ? 'entries' : 'none'
}

/** The codec of a message type, compiled when first used, because messages may contain themselves. */
function lazyCodec(shape: () => MessageShape): () => MessageCodec {
  let codec: MessageCodec | undefined
  return () => {
    codec ??= messageCodec(shape())
    return codec
  }
}

function messageField(field: FieldShape, shape: () => MessageShape): ReadWrite {
  const key = ((field.number << 3) | wireType.length) >>> 0
  const codec = lazyCodec(shape)
  return {
    write(writer, value, depth) {
      if (!isRecord(value)) throw wrongForm('a record', value)
      writer.uint32(key)
      const start = writer.begin()
      codec().writeFields(writer, value, depth + 1)
      writer.end(start)
    },
    // A message that comes in parts is one message.
    read(reader, wire, into) {
      expectWire(reader, field, wire, wireType.length)
      const before = into[field.name]
      const record = before instanceof PlainRecord ? before : new PlainRecord()
      const outer = reader.enter()
      codec().readFields(reader, record)
      reader.leave(outer)
      into[field.name] = record
    },
  }
}

/** What stands in lists and maps, messages included. */
function itemElement(type: FieldType): ElementAt {
  if (type.kind !== 'message') {
    const element = plainElement(type)
    return () => element
  }
  const codec = lazyCodec(type.shape)
  return depth => ({
    wireType: wireType.length,
    packable: false,
    write(writer, value) {
      if (!isRecord(value)) throw wrongForm('a record', value)
      const start = writer.begin()
      codec().writeFields(writer, value, depth + 1)
      writer.end(start)
    },
    read(reader) {
      const record = new PlainRecord()
      const outer = reader.enter()
      codec().readFields(reader, record)
      reader.leave(outer)
      return record
    },
    zero: () => new PlainRecord(),
  })
}

function plainElement(type: FieldType): Element {
  switch (type.kind) {
    case 'scalar':
      return scalarElement(type.scalar)
    case 'enum':
      return enumElement
    case 'value':
      return valueElement
    case 'wrapped':
      return wrappedElement(type.valueType)
    case 'wellknown':
      return wellknownElement(type.valueType)
    case 'message':
    case 'map':
    case 'repeated':
      throw new TypeError(`a field of kind ${type.kind} cannot stand inside a list or map`)
  }
}

const codecs = new WeakMap<MessageShape, MessageCodec>()

/** The codec of a message, compiled once. */
export function messageCodec(shape: MessageShape): MessageCodec {
  let codec = codecs.get(shape)
  if (codec === undefined) {
    codec = new MessageCodec(shape)
    codecs.set(shape, codec)
  }
  return codec
}
