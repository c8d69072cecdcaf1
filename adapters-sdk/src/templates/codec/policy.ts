import type { Timestamp, ValueType } from '../../values.js'
import { timestampRange, writeDuration, writeTexts, writeTimestamp } from '../wire/policy.js'
import { type WireReader, wireType } from '../wire/reader.js'
import { PlainRecord } from '../wire/record.js'
import { type Element, wrongForm } from './element.js'
import { scalarElement, text } from './scalar.js'

/** Reads the fields of one nested message; `field` answers false for keys that it does not know. */
function readMessage(reader: WireReader, field: (key: number) => boolean): void {
  const outer = reader.enter()
  while (reader.more()) {
    const key = reader.key()
    if (!field(key)) reader.skip(key)
  }
  reader.leave(outer)
}

/** A field with the right number and the wrong wire type is an error, as upstream. */
function wanted(reader: WireReader, key: number, wanted: number): boolean {
  if (key === wanted) return true
  if (key >>> 3 === wanted >>> 3) throw reader.malformed(`wire type ${key & 7} for field ${key >>> 3}`)
  return false
}

const instant: Element = {
  wireType: wireType.length,
  packable: false,
  write(writer, value) {
    if (!isTimestamp(value)) throw wrongForm('a timestamp {seconds, nanos} of the years 1 to 9999', value)
    writeTimestamp(writer, value.seconds, value.nanos)
  },
  read(reader) {
    let seconds = 0n
    let nanos = 0
    readMessage(reader, key => {
      if (wanted(reader, key, 0x08)) seconds = reader.int64()
      else if (wanted(reader, key, 0x10)) nanos = reader.int32()
      else return false
      return true
    })
    const value = { seconds: Number(seconds), nanos }
    return isTimestamp(value) ? value : undefined
  },
  zero: () => ({ seconds: 0, nanos: 0 }),
}

/** Whether a value is an instant that the wire can carry. */
export function isTimestamp(value: unknown): value is Timestamp {
  if (typeof value !== 'object' || value === null || !('seconds' in value) || !('nanos' in value))
    return false
  const { seconds, nanos } = value
  return (
    typeof seconds === 'number' &&
    Number.isInteger(seconds) &&
    seconds >= timestampRange.min &&
    seconds <= timestampRange.max &&
    typeof nanos === 'number' &&
    Number.isInteger(nanos) &&
    nanos >= 0 &&
    nanos < 1_000_000_000
  )
}

const span: Element = {
  wireType: wireType.length,
  packable: false,
  write(writer, value) {
    if (!isInt64(value)) throw wrongForm('a bigint of nanoseconds', value)
    writeDuration(writer, value)
  },
  read(reader) {
    let seconds = 0n
    let nanos = 0
    readMessage(reader, key => {
      if (wanted(reader, key, 0x08)) seconds = reader.int64()
      else if (wanted(reader, key, 0x10)) nanos = reader.int32()
      else return false
      return true
    })
    const value = seconds * 1_000_000_000n + BigInt(nanos)
    return isInt64(value) && Math.abs(nanos) < 1_000_000_000 ? value : undefined
  },
  zero: () => 0n,
}

function isInt64(value: unknown): value is bigint {
  return typeof value === 'bigint' && BigInt.asIntN(64, value) === value
}

const address: Element = {
  wireType: wireType.length,
  packable: false,
  write(writer, value) {
    if (!(value instanceof Uint8Array) || !isAddress(value))
      throw wrongForm('an address of 4 or 16 bytes', value)
    writer.bytes(value)
  },
  read(reader) {
    const bytes = reader.bytes()
    return isAddress(bytes) ? bytes : undefined
  },
  zero: () => undefined,
}

function isAddress(bytes: Uint8Array): boolean {
  return bytes.length === 4 || bytes.length === 16
}

/** A policy type is a message whose field 1 holds the bare value. */
function wrapper(content: Element): Element {
  const key = (1 << 3) | content.wireType
  return {
    wireType: wireType.length,
    packable: false,
    write(writer, value) {
      const start = writer.begin()
      writer.uint32(key)
      content.write(writer, value)
      writer.end(start)
    },
    read(reader) {
      let value = content.zero()
      readMessage(reader, found => {
        if (!wanted(reader, found, key)) return false
        value = content.read(reader)
        return true
      })
      return value
    },
    zero: () => content.zero(),
  }
}

const texts: Element = {
  wireType: wireType.length,
  packable: false,
  write(writer, value) {
    const start = writer.begin()
    writeTexts(writer, 0x0a, textEntries(value))
    writer.end(start)
  },
  read(reader) {
    const map = new PlainRecord<string>()
    readMessage(reader, key => {
      if (!wanted(reader, key, 0x0a)) return false
      readTextEntry(reader, map)
      return true
    })
    return map
  },
  zero: () => new PlainRecord<string>(),
}

function textEntries(value: unknown): [string, string][] {
  if (typeof value !== 'object' || value === null) throw wrongForm('a record of texts', value)
  return Object.entries(value).map(([key, text]) => {
    if (typeof text !== 'string') throw wrongForm(`a text under ${JSON.stringify(key)}`, text)
    return [key, text]
  })
}

function readTextEntry(reader: WireReader, into: PlainRecord<string>): void {
  let name = ''
  let value = ''
  readMessage(reader, key => {
    if (wanted(reader, key, 0x0a)) name = reader.string()
    else if (wanted(reader, key, 0x12)) value = reader.string()
    else return false
    return true
  })
  into[name] = value
}

const wrappers: Readonly<Record<ValueType, Element>> = {
  STRING: wrapper(text),
  INT64: wrapper(scalarElement('int64')),
  DOUBLE: wrapper(scalarElement('double')),
  BOOL: wrapper(scalarElement('bool')),
  TIMESTAMP: wrapper(instant),
  DURATION: wrapper(span),
  IP_ADDRESS: wrapper(address),
  EMAIL_ADDRESS: wrapper(text),
  URI: wrapper(text),
  DNS_NAME: wrapper(text),
  STRING_MAP: texts,
}

/** How `IPAddress`, `TimeStamp`, `Duration`, `DNSName`, `EmailAddress`, `Uri` and `StringMap` stand on the wire. */
export function wrappedElement(type: ValueType): Element {
  return wrappers[type]
}

/** How `google.protobuf.Duration` and `Timestamp` stand on the wire. */
export function wellknownElement(type: 'DURATION' | 'TIMESTAMP'): Element {
  return type === 'DURATION' ? span : instant
}

/** What a member of `Value` holds. */
export function memberElement(type: ValueType): Element {
  switch (type) {
    case 'STRING':
      return text
    case 'INT64':
      return scalarElement('int64')
    case 'DOUBLE':
      return scalarElement('double')
    case 'BOOL':
      return scalarElement('bool')
    case 'TIMESTAMP':
    case 'DURATION':
    case 'IP_ADDRESS':
    case 'EMAIL_ADDRESS':
    case 'URI':
    case 'DNS_NAME':
    case 'STRING_MAP':
      return wrappers[type]
  }
}
