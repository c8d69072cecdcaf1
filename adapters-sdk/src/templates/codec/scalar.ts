import type { ScalarType } from '../../template.js'
import type { WireReader } from '../wire/reader.js'
import type { WireWriter } from '../wire/writer.js'
import { type Element, wrongForm } from './element.js'

const int32 = { min: -(2n ** 31n), max: 2n ** 31n - 1n }
const int64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n }
const uint32 = { min: 0n, max: 2n ** 32n - 1n }
const uint64 = { min: 0n, max: 2n ** 64n - 1n }

/** What an integer type can hold; undefined for the other scalars. */
export function integerRange(scalar: ScalarType): { readonly min: bigint; readonly max: bigint } | undefined {
  switch (scalar) {
    case 'int32':
    case 'sint32':
    case 'sfixed32':
      return int32
    case 'int64':
    case 'sint64':
    case 'sfixed64':
      return int64
    case 'uint32':
    case 'fixed32':
      return uint32
    case 'uint64':
    case 'fixed64':
      return uint64
    case 'string':
    case 'bytes':
    case 'bool':
    case 'double':
    case 'float':
      return undefined
  }
}

function integer(
  scalar: ScalarType,
  wireType: number,
  range: { readonly min: bigint; readonly max: bigint },
  write: (writer: WireWriter, value: bigint) => void,
  read: (reader: WireReader) => bigint,
): Element {
  return {
    wireType,
    packable: true,
    write(writer, value) {
      if (typeof value !== 'bigint' || value < range.min || value > range.max) {
        throw wrongForm(`a bigint of type ${scalar}`, value)
      }
      write(writer, value)
    },
    read,
    zero: () => 0n,
  }
}

function floating(
  wireType: number,
  write: (writer: WireWriter, value: number) => void,
  read: (reader: WireReader) => number,
): Element {
  return {
    wireType,
    packable: true,
    write(writer, value) {
      if (typeof value !== 'number') throw wrongForm('a number', value)
      write(writer, value)
    },
    read,
    zero: () => 0,
  }
}

/** Text. */
export const text: Element = {
  wireType: 2,
  packable: false,
  write(writer, value) {
    if (typeof value !== 'string') throw wrongForm('a text', value)
    writer.string(value)
  },
  read: reader => reader.string(),
  zero: () => '',
}

const zigzag = (value: bigint) => (value << 1n) ^ (value >> 63n)

const elements: Readonly<Record<ScalarType, Element>> = {
  string: text,
  bytes: {
    wireType: 2,
    packable: false,
    write(writer, value) {
      if (!(value instanceof Uint8Array)) throw wrongForm('a Uint8Array', value)
      writer.bytes(value)
    },
    read: reader => reader.bytes(),
    zero: () => new Uint8Array(0),
  },
  bool: {
    wireType: 0,
    packable: true,
    write(writer, value) {
      if (typeof value !== 'boolean') throw wrongForm('a boolean', value)
      writer.bool(value)
    },
    read: reader => reader.bool(),
    zero: () => false,
  },
  double: floating(
    1,
    (w, v) => w.double(v),
    r => r.double(),
  ),
  float: floating(
    5,
    (w, v) => w.float(v),
    r => r.float(),
  ),
  int32: integer(
    'int32',
    0,
    int32,
    (w, v) => w.int64(v),
    r => BigInt(r.int32()),
  ),
  int64: integer(
    'int64',
    0,
    int64,
    (w, v) => w.int64(v),
    r => r.int64(),
  ),
  uint32: integer(
    'uint32',
    0,
    uint32,
    (w, v) => w.int64(v),
    r => BigInt(r.uint32()),
  ),
  uint64: integer(
    'uint64',
    0,
    uint64,
    (w, v) => w.int64(v),
    r => r.uint64(),
  ),
  sint32: integer(
    'sint32',
    0,
    int32,
    (w, v) => w.int64(zigzag(v)),
    r => BigInt(r.sint32()),
  ),
  sint64: integer(
    'sint64',
    0,
    int64,
    (w, v) => w.int64(zigzag(v)),
    r => r.sint64(),
  ),
  fixed32: integer(
    'fixed32',
    5,
    uint32,
    (w, v) => w.fixed32(Number(v)),
    r => BigInt(r.fixed32()),
  ),
  fixed64: integer(
    'fixed64',
    1,
    uint64,
    (w, v) => w.fixed64(v),
    r => r.fixed64(),
  ),
  sfixed32: integer(
    'sfixed32',
    5,
    int32,
    (w, v) => w.fixed32(Number(v)),
    r => BigInt(r.sfixed32()),
  ),
  sfixed64: integer(
    'sfixed64',
    1,
    int64,
    (w, v) => w.fixed64(v),
    r => r.sfixed64(),
  ),
}

/** How a scalar stands on the wire. */
export function scalarElement(scalar: ScalarType): Element {
  return elements[scalar]
}

/** An enum: the number, also one that has no name. */
export const enumElement: Element = elements.int32
