import { PlainRecord, type Value } from '@outboard/adapters-sdk'
import type { ValueType } from '../../attributes/index.js'
import {
  type AttributeValue,
  Instant,
  type Int64,
  int64,
  isStringMap,
  type StringMap,
} from '../../attributes/index.js'

/*
 * A compiled expression promises values of its type's form, and a bag is guarded at every entrance; the checks below
 * cost a typeof, and turn a broken promise into a message instead of wrong bytes.
 */

function broken(type: ValueType, value: AttributeValue): TypeError {
  return new TypeError(`an attribute of type ${type} holds a ${typeof value}`)
}

export function textOf(value: AttributeValue): string {
  if (typeof value !== 'string') throw broken('STRING', value)
  return value
}

export function integerOf(value: AttributeValue): Int64 {
  if (typeof value !== 'number' && typeof value !== 'bigint') throw broken('INT64', value)
  return value
}

export function doubleOf(value: AttributeValue): number {
  if (typeof value !== 'number') throw broken('DOUBLE', value)
  return value
}

export function booleanOf(value: AttributeValue): boolean {
  if (typeof value !== 'boolean') throw broken('BOOL', value)
  return value
}

export function instantOf(value: AttributeValue): Instant {
  if (!(value instanceof Instant)) throw broken('TIMESTAMP', value)
  return value
}

export function addressOf(value: AttributeValue): Uint8Array {
  if (!(value instanceof Uint8Array)) throw broken('IP_ADDRESS', value)
  return value
}

export function mapOf(value: AttributeValue): StringMap {
  if (!isStringMap(value)) throw broken('STRING_MAP', value)
  return value
}

/**
 * An attribute's value as adapters see it: 64-bit integers as `bigint`, maps as records, bytes as a copy. The value
 * must have the form of the type.
 */
export function toValue(type: ValueType, value: AttributeValue): Value {
  switch (type) {
    case 'STRING':
    case 'EMAIL_ADDRESS':
    case 'URI':
    case 'DNS_NAME':
      return { type, value: textOf(value) }
    case 'INT64':
    case 'DURATION':
      return { type, value: BigInt(integerOf(value)) }
    case 'DOUBLE':
      return { type, value: doubleOf(value) }
    case 'BOOL':
      return { type, value: booleanOf(value) }
    case 'TIMESTAMP': {
      const { seconds, nanos } = instantOf(value)
      return { type, value: { seconds, nanos } }
    }
    case 'IP_ADDRESS':
      return { type, value: new Uint8Array(addressOf(value)) }
    case 'STRING_MAP':
      return { type, value: textRecord(mapOf(value)) }
  }
}

/** The entries of a map as a record that inherits nothing, in order of their keys. */
export function textRecord(map: StringMap): PlainRecord<string> {
  const record = new PlainRecord<string>()
  for (const [key, value] of sortedEntries(map)) record[key] = value
  return record
}

/** The entries of a map in the one order of keys: by UTF-16 units. */
export function sortedEntries(map: StringMap): [string, string][] {
  return [...map.entries()].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

/** An adapter's value as it stands in a bag. */
export function toAttribute(value: Value): AttributeValue {
  switch (value.type) {
    case 'STRING':
    case 'EMAIL_ADDRESS':
    case 'URI':
    case 'DNS_NAME':
    case 'DOUBLE':
    case 'BOOL':
    case 'IP_ADDRESS':
      return value.value
    case 'INT64':
    case 'DURATION':
      return int64(value.value)
    case 'TIMESTAMP':
      return new Instant(value.value.seconds, value.value.nanos)
    case 'STRING_MAP':
      return new Map(Object.entries(value.value))
  }
}
