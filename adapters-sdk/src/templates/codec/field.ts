import type { FieldValue } from '../../contract.js'
import { AdapterError } from '../../errors.js'
import type { FieldShape } from '../../template.js'
import { type WireReader, wireType } from '../wire/reader.js'
import type { PlainRecord } from '../wire/record.js'
import type { WireWriter } from '../wire/writer.js'
import { type Element, wrongForm } from './element.js'

/** What is written as a message or map: an object, of which nothing is believed yet. */
export interface AnyRecord {
  readonly [field: string]: unknown
}

export function isRecord(value: unknown): value is AnyRecord {
  return typeof value === 'object' && value !== null
}

/** The element of a list or map; given how deep the field stands, since elements may be messages. */
export type ElementAt = (depth: number) => Element

/** One field compiled: how to find it in a record, write it with its key, and read it from behind its key. */
export interface FieldCodec {
  readonly name: string
  readonly number: number
  get(record: AnyRecord): unknown
  write(writer: WireWriter, value: unknown, depth: number): void
  read(reader: WireReader, wire: number, into: PlainRecord): void
}

/** What a field of a record holds; what the record merely inherits is not there. */
export function fieldGetter(name: string): (record: AnyRecord) => unknown {
  // Only a name that every object inherits needs the slower question.
  if (name in Object.prototype) return record => (Object.hasOwn(record, name) ? record[name] : undefined)
  return record => record[name]
}

/** Puts the field's name before an error's message, so that the outermost message reads as a path. */
export function inField(error: unknown, name: string): unknown {
  if (!(error instanceof AdapterError) || error.code !== 'ADAPTER_PROTOCOL') return error
  return new AdapterError('ADAPTER_PROTOCOL', `${name}: ${error.message}`, { cause: error.cause })
}

/** What differs between kinds of field. */
export type ReadWrite = Pick<FieldCodec, 'write' | 'read'>

/** A known field with another wire type is an error, as upstream. */
export function expectWire(reader: WireReader, { name }: FieldShape, wire: number, wanted: number): void {
  if (wire !== wanted) throw reader.malformed(`wire type ${wire} for field ${name}, which has ${wanted}`)
}

/** A field that is neither message nor list nor map. */
export function singleField(field: FieldShape, element: Element): ReadWrite {
  const key = ((field.number << 3) | element.wireType) >>> 0
  return {
    write(writer, value) {
      writer.uint32(key)
      element.write(writer, value)
    },
    read(reader, wire, into) {
      expectWire(reader, field, wire, element.wireType)
      const value = element.read(reader)
      if (value !== undefined) into[field.name] = value
    },
  }
}

/** A list: packed where that is possible; both ways are read. An empty one is not on the wire. */
export function repeatedField(field: FieldShape, item: ElementAt): ReadWrite {
  const key = ((field.number << 3) | wireType.length) >>> 0
  const itemWire = item(0).wireType
  const itemKey = ((field.number << 3) | itemWire) >>> 0
  return {
    write(writer, value, depth) {
      if (!Array.isArray(value)) throw wrongForm('a list', value)
      const element = item(depth)
      if (value.length === 0) return
      if (element.packable) {
        writer.uint32(key)
        const start = writer.begin()
        for (const entry of value) element.write(writer, entry)
        writer.end(start)
        return
      }
      for (const entry of value) {
        writer.uint32(itemKey)
        element.write(writer, entry)
      }
    },
    read(reader, wire, into) {
      const element = item(0)
      const before = into[field.name]
      const list: FieldValue[] = isList(before) ? before : []
      if (wire === wireType.length && element.packable) {
        const outer = reader.enter()
        while (reader.more()) append(list, element.read(reader))
        reader.leave(outer)
      } else {
        expectWire(reader, field, wire, itemWire)
        append(list, element.read(reader))
      }
      into[field.name] = list
    },
  }
}

function append(list: FieldValue[], value: FieldValue | undefined): void {
  if (value !== undefined) list.push(value)
}

function isList(value: FieldValue | undefined): value is FieldValue[] {
  return Array.isArray(value)
}
