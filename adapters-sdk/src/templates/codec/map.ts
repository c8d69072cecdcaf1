import type { FieldShape } from '../../template.js'
import { type WireReader, wireType } from '../wire/reader.js'
import { PlainRecord } from '../wire/record.js'
import { wrongForm } from './element.js'
import type { Entry } from './entry-memo.js'
import { type ElementAt, expectWire, inField, isRecord, type ReadWrite } from './field.js'
import { MapMemory } from './map-memory.js'

/**
 * A map with texts for keys, which are written in order. `memory`: whether entries that came before are told by their bytes;
 * what is made of messages or bytes can be changed, so that it must be made anew.
 */
export function mapField(field: FieldShape, item: ElementAt, memory: 'entries' | 'none'): ReadWrite {
  const key = ((field.number << 3) | wireType.length) >>> 0
  const valueKey = (2 << 3) | item(0).wireType

  /** Reads the rest of the entry that the reader is in. */
  const readEntry = (reader: WireReader): Entry => {
    const element = item(0)
    let name = ''
    let value = element.zero()
    while (reader.more()) {
      const entryKey = reader.key()
      if (entryKey === 0x0a) name = reader.string()
      else if (entryKey === valueKey) value = element.read(reader)
      else if (entryKey >>> 3 <= 2)
        throw reader.malformed(`wire type ${entryKey & 7} in an entry of ${field.name}`)
      else reader.skip(entryKey)
    }
    return { name, value }
  }

  const remembered = memory === 'entries' ? new MapMemory(key, readEntry) : undefined

  return {
    write(writer, value, depth) {
      if (!isRecord(value)) throw wrongForm('a record', value)
      const element = item(depth)
      for (const name of Object.keys(value).sort()) {
        const entry = value[name]
        if (entry === undefined) continue
        writer.uint32(key)
        const start = writer.begin()
        writer.uint32(0x0a)
        writer.string(name)
        writer.uint32(valueKey)
        try {
          element.write(writer, entry)
        } catch (error) {
          throw inField(error, JSON.stringify(name))
        }
        writer.end(start)
      }
    },
    read(reader, wire, into) {
      expectWire(reader, field, wire, wireType.length)
      const inParts = into[field.name]
      const before = inParts instanceof PlainRecord ? inParts : undefined
      if (remembered?.serves(reader) === true) {
        into[field.name] = remembered.read(reader, before)
        return
      }
      const map = before ?? new PlainRecord()
      into[field.name] = map
      const outer = reader.enter()
      const { name, value } = readEntry(reader)
      reader.leave(outer)
      if (value !== undefined) map[name] = value
    },
  }
}
