import {
  type FieldType,
  type ScalarType,
  timestampRange,
  valueMember,
  type WireWriter,
  writeDuration,
  writeTexts,
  writeTimestamp,
} from '@outboard/adapters-sdk'
import type { AttributeValue, ValueType } from '../../attributes/index.js'
import { EvalFailure } from '../../expr/index.js'
import { enumLeaf, integerLeaf } from './integer-leaf.js'
import { type Leaf, leaf } from './leaf-form.js'
import { addressOf, booleanOf, doubleOf, instantOf, integerOf, mapOf, textOf, toValue } from './values.js'

/** The leaf for a field and an expression's type; undefined when the field does not take the type. */
export function leafFor(field: FieldType, type: ValueType): Leaf | undefined {
  switch (field.kind) {
    case 'scalar':
      return scalarLeaf(field.scalar, type)
    case 'enum':
      if (type === 'INT64') return integerLeaf('int32')
      return type === 'STRING' ? enumLeaf(field.fullName, field.values) : undefined
    case 'value':
      return guarded(type, valueLeaves[type])
    case 'wrapped':
      return field.valueType === type ? guarded(type, wrappedLeaf(type)) : undefined
    case 'wellknown':
      return field.valueType === type ? guarded(type, wellknownLeaf(field.valueType)) : undefined
    case 'message':
    case 'map':
    case 'repeated':
      return undefined
  }
}

/** An instant that no reader of protobuf takes is a failure, not a field that one reader sees and another does not. */
function guarded(type: ValueType, inner: Leaf): Leaf {
  if (type !== 'TIMESTAMP') return inner
  const outside = (value: AttributeValue): EvalFailure | undefined => {
    const { seconds } = instantOf(value)
    if (seconds >= timestampRange.min && seconds <= timestampRange.max) return undefined
    return new EvalFailure('invalid', `an instant ${seconds} s from 1970 is outside the years 1 to 9999`)
  }
  return {
    wireType: inner.wireType,
    write: (writer, value) => outside(value) ?? inner.write(writer, value),
    field: value => outside(value) ?? inner.field(value),
  }
}

function scalarLeaf(scalar: ScalarType, type: ValueType): Leaf | undefined {
  switch (scalar) {
    case 'string':
      return type === 'STRING' ? textLeaf : undefined
    case 'bool':
      return type === 'BOOL' ? booleanLeaf : undefined
    case 'double':
      return type === 'DOUBLE' ? doubleLeaf : undefined
    case 'float':
      return type === 'DOUBLE' ? floatLeaf : undefined
    case 'bytes':
      return undefined
    case 'int32':
    case 'int64':
    case 'uint32':
    case 'uint64':
    case 'sint32':
    case 'sint64':
    case 'fixed32':
    case 'fixed64':
    case 'sfixed32':
    case 'sfixed64':
      return type === 'INT64' ? integerLeaf(scalar) : undefined
  }
}

const textLeaf = leaf(
  2,
  textOf,
  (writer, value) => writer.string(value),
  value => value,
)

const booleanLeaf = leaf(
  0,
  booleanOf,
  (writer, value) => writer.bool(value),
  value => value,
)

const doubleLeaf = leaf(
  1,
  doubleOf,
  (writer, value) => writer.double(value),
  value => value,
)

/** The record holds what the wire carries, so that both outputs say the same. */
const floatLeaf = leaf(
  5,
  doubleOf,
  (writer, value) => writer.float(value),
  value => Math.fround(value),
)

/** Writes a policy type that wraps one value, with its length before it. */
function writeWrapped(type: ValueType, writer: WireWriter, value: AttributeValue): void {
  const start = writer.begin()
  switch (type) {
    case 'TIMESTAMP': {
      const { seconds, nanos } = instantOf(value)
      writer.uint32(0x0a)
      writeTimestamp(writer, seconds, nanos)
      break
    }
    case 'DURATION':
      writer.uint32(0x0a)
      writeDuration(writer, integerOf(value))
      break
    case 'IP_ADDRESS':
      writer.uint32(0x0a)
      writer.bytes(addressOf(value))
      break
    case 'STRING_MAP':
      writeTexts(writer, 0x0a, mapOf(value).entries())
      break
    case 'STRING':
    case 'EMAIL_ADDRESS':
    case 'URI':
    case 'DNS_NAME':
      writer.uint32(0x0a)
      writer.string(textOf(value))
      break
    case 'INT64':
    case 'DOUBLE':
    case 'BOOL':
      throw new TypeError(`no policy type wraps ${type}`)
  }
  writer.end(start)
}

function wrappedLeaf(type: ValueType): Leaf {
  return leaf(
    2,
    value => value,
    (writer, value) => writeWrapped(type, writer, value),
    value => toValue(type, value).value,
  )
}

function wellknownLeaf(type: 'DURATION' | 'TIMESTAMP'): Leaf {
  switch (type) {
    case 'DURATION':
      return leaf(2, integerOf, writeDuration, value => BigInt(value))
    case 'TIMESTAMP':
      return leaf(
        2,
        instantOf,
        (writer, { seconds, nanos }) => writeTimestamp(writer, seconds, nanos),
        ({ seconds, nanos }) => ({ seconds, nanos }),
      )
  }
}

/** A `Value` field: the member that carries the type. */
function valueLeaf(type: ValueType, write: (writer: WireWriter, value: AttributeValue) => void): Leaf {
  const { key } = valueMember[type]
  return leaf(
    2,
    value => value,
    (writer, value) => {
      const start = writer.begin()
      writer.uint32(key)
      write(writer, value)
      writer.end(start)
    },
    value => toValue(type, value),
  )
}

const wrappedValue = (type: ValueType) =>
  valueLeaf(type, (writer, value) => writeWrapped(type, writer, value))

const valueLeaves: Readonly<Record<ValueType, Leaf>> = {
  STRING: valueLeaf('STRING', (writer, value) => writer.string(textOf(value))),
  INT64: valueLeaf('INT64', (writer, value) => writer.int64(integerOf(value))),
  DOUBLE: valueLeaf('DOUBLE', (writer, value) => writer.double(doubleOf(value))),
  BOOL: valueLeaf('BOOL', (writer, value) => writer.bool(booleanOf(value))),
  TIMESTAMP: wrappedValue('TIMESTAMP'),
  IP_ADDRESS: wrappedValue('IP_ADDRESS'),
  EMAIL_ADDRESS: wrappedValue('EMAIL_ADDRESS'),
  URI: wrappedValue('URI'),
  DNS_NAME: wrappedValue('DNS_NAME'),
  DURATION: wrappedValue('DURATION'),
  STRING_MAP: wrappedValue('STRING_MAP'),
}

/** The leaf of a map entry whose value is one text of a whole string map. */
export function textEntryLeaf(field: FieldType): Leaf | undefined {
  return field.kind === 'value' || (field.kind === 'scalar' && field.scalar === 'string')
    ? leafFor(field, 'STRING')
    : undefined
}
