import {
  type AttributeValue,
  Instant,
  type Int64,
  int64,
  isStringMap,
  type ValueType,
} from '../mixer/attributes/index.js'
import {
  parseAddress,
  parseDuration,
  parseTimestamp,
  printAddress,
  printDuration,
  printTimestamp,
} from '../mixer/expr/index.js'

const minInt64 = -(2n ** 63n)
const maxInt64 = 2n ** 63n - 1n
/** The longest decimal text that is read as an integer: leading zeros are not endless. */
const maxIntegerText = 40

/**
 * The value of an attribute in the JSON form of `outboard eval`, by its declared type. Undefined when the JSON value
 * has another form: the attribute is then absent.
 */
export function valueFromJson(type: ValueType, json: unknown): AttributeValue | undefined {
  switch (type) {
    case 'STRING':
    case 'EMAIL_ADDRESS':
    case 'URI':
    case 'DNS_NAME':
      return typeof json === 'string' ? json : undefined
    case 'INT64':
      return integerFromJson(json)
    case 'DOUBLE':
      return typeof json === 'number' ? json : specialNumber(json)
    case 'BOOL':
      return typeof json === 'boolean' ? json : undefined
    case 'TIMESTAMP':
      return typeof json === 'string' ? parseTimestamp(json) : undefined
    case 'DURATION':
      return typeof json === 'string' ? parseDuration(json) : undefined
    case 'IP_ADDRESS':
      return typeof json === 'string' ? parseAddress(json) : undefined
    case 'STRING_MAP':
      return mapFromJson(json)
  }
}

/** The JSON form of a value. */
export function valueToJson(type: ValueType, value: AttributeValue): unknown {
  if (typeof value === 'bigint') {
    if (type === 'DURATION') return printDuration(value)
    return isExact(value) ? Number(value) : String(value)
  }
  if (typeof value === 'number') {
    if (type === 'DURATION') return printDuration(value)
    return Number.isFinite(value) ? value : String(value)
  }
  if (value instanceof Instant) return printTimestamp(value)
  if (value instanceof Uint8Array) return printAddress(value)
  if (isStringMap(value)) return Object.fromEntries(value.entries())
  return value
}

/** The largest integer that JSON numbers are read exactly up to. */
const maxExact = 2n ** 53n

function isExact(value: bigint): boolean {
  return value >= -maxExact && value <= maxExact
}

/** A larger JSON number than 2^53 has lost digits when it was parsed, so it is no integer: text is. */
function integerFromJson(json: unknown): Int64 | undefined {
  if (typeof json === 'number')
    return Number.isInteger(json) && isExact(BigInt(json)) ? int64(BigInt(json)) : undefined
  if (typeof json !== 'string' || json.length > maxIntegerText || !/^[+-]?[0-9]+$/.test(json))
    return undefined
  const value = BigInt(json.replace(/^\+/, ''))
  return value >= minInt64 && value <= maxInt64 ? int64(value) : undefined
}

function specialNumber(json: unknown): number | undefined {
  if (json === 'NaN' || json === 'Infinity' || json === '-Infinity') return Number(json)
  return undefined
}

function mapFromJson(json: unknown): AttributeValue | undefined {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined
  const map = new Map<string, string>()
  for (const [key, value] of Object.entries(json)) {
    if (typeof value !== 'string') return undefined
    map.set(key, value)
  }
  return map
}
