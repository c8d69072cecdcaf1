import { type Value, type ValueType, valueTypes } from '../../values.js'
import { memberType, valueMember } from '../wire/policy.js'
import { type WireReader, wireType } from '../wire/reader.js'
import { type Element, wrongForm } from './element.js'
import { memberElement } from './policy.js'

const names = new Set<string>(valueTypes)

/** Whether something is the name of a kind of value. */
export function isValueType(type: unknown): type is ValueType {
  return typeof type === 'string' && names.has(type)
}

/** `istio.policy.v1beta1.Value`: the member on the wire last counts; none, or one that we do not know, is no value. */
export const valueElement: Element = {
  wireType: wireType.length,
  packable: false,
  write(writer, value) {
    if (typeof value !== 'object' || value === null || !('type' in value) || !('value' in value)) {
      throw wrongForm('a value {type, value}', value)
    }
    const { type } = value
    if (!isValueType(type)) throw wrongForm(`a type of value (${valueTypes.join(', ')})`, type)
    const start = writer.begin()
    writer.uint32(valueMember[type].key)
    memberElement(type).write(writer, value.value)
    writer.end(start)
  },
  read(reader) {
    let value: Value | undefined
    const outer = reader.enter()
    while (reader.more()) {
      const key = reader.key()
      const type = memberType.get(key >>> 3)
      if (type === undefined) reader.skip(key)
      else if (key === valueMember[type].key) value = readMember(reader, type)
      else throw reader.malformed(`wire type ${key & 7} for field ${key >>> 3} of Value`)
    }
    reader.leave(outer)
    return value
  },
  zero: () => undefined,
}

function readMember(reader: WireReader, type: ValueType): Value | undefined {
  const value: unknown = memberElement(type).read(reader)
  return valueOfType(type, value)
}

/** A bare value with its type; undefined when it has not the form of the type. */
export function valueOfType(type: ValueType, value: unknown): Value | undefined {
  switch (type) {
    case 'STRING':
    case 'EMAIL_ADDRESS':
    case 'URI':
    case 'DNS_NAME':
      return typeof value === 'string' ? { type, value } : undefined
    case 'INT64':
    case 'DURATION':
      return typeof value === 'bigint' ? { type, value } : undefined
    case 'DOUBLE':
      return typeof value === 'number' ? { type, value } : undefined
    case 'BOOL':
      return typeof value === 'boolean' ? { type, value } : undefined
    case 'IP_ADDRESS':
      return value instanceof Uint8Array ? { type, value } : undefined
    case 'TIMESTAMP':
      return isInstant(value) ? { type, value } : undefined
    case 'STRING_MAP':
      return isTexts(value) ? { type, value } : undefined
  }
}

function isInstant(value: unknown): value is { readonly seconds: number; readonly nanos: number } {
  return typeof value === 'object' && value !== null && 'seconds' in value && 'nanos' in value
}

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  return typeof value === 'object' && value !== null && Object.values(value).every(v => typeof v === 'string')
}
