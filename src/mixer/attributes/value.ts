/**
 * How attribute values look inside the host.
 *
 * | type | inside |
 * |---|---|
 * | STRING, EMAIL_ADDRESS, URI, DNS_NAME | `string` |
 * | INT64 | {@link Int64} |
 * | DOUBLE | `number` |
 * | BOOL | `boolean` |
 * | TIMESTAMP | {@link Instant} |
 * | DURATION | {@link Int64}, nanoseconds |
 * | IP_ADDRESS | `Uint8Array` of 4 or 16 bytes |
 * | STRING_MAP | {@link StringMap} |
 *
 * The type of a value is that of its slot; a value does not carry it.
 */
export type AttributeValue = string | number | bigint | boolean | Instant | Uint8Array | StringMap

/** The eleven value types, by Istio's names. Source: reference wire-policy-config, 1.2. */
export type ValueType =
  | 'STRING'
  | 'INT64'
  | 'DOUBLE'
  | 'BOOL'
  | 'TIMESTAMP'
  | 'IP_ADDRESS'
  | 'EMAIL_ADDRESS'
  | 'URI'
  | 'DNS_NAME'
  | 'DURATION'
  | 'STRING_MAP'

/**
 * A signed 64-bit integer: a `number` when it is safe (at most 2^53 - 1 in size), otherwise a `bigint`. One integer has
 * one form, so `===` compares; `<` compares across the forms. Make one with {@link int64}.
 */
export type Int64 = number | bigint

/** An instant, in UTC: whole seconds since the epoch and 0..999,999,999 nanoseconds after them. */
export class Instant {
  constructor(
    readonly seconds: number,
    readonly nanos: number,
  ) {}

  compare(other: Instant): number {
    return this.seconds - other.seconds || this.nanos - other.nanos
  }
}

/** A map of strings whose keys are looked up one by one. A JavaScript `Map` is one. */
export interface StringMap {
  readonly size: number
  get(key: string): string | undefined
  has(key: string): boolean
  entries(): IterableIterator<[string, string]>
}

const maxSafe = BigInt(Number.MAX_SAFE_INTEGER)

/** The canonical form of an integer; wraps at 64 bits, as Go's arithmetic does. */
export function int64(value: bigint): Int64 {
  const wrapped = BigInt.asIntN(64, value)
  return wrapped <= maxSafe && wrapped >= -maxSafe ? Number(wrapped) : wrapped
}

/** Addition that wraps at 64 bits. */
export function addInt64(a: Int64, b: Int64): Int64 {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b
    if (Number.isSafeInteger(sum)) return sum
  }
  return int64(BigInt(a) + BigInt(b))
}

/** Whether a value has the physical form of a type; the guard at every entrance to a bag. */
export function hasForm(type: ValueType, value: unknown): value is AttributeValue {
  switch (type) {
    case 'STRING':
    case 'EMAIL_ADDRESS':
    case 'URI':
    case 'DNS_NAME':
      return typeof value === 'string'
    case 'INT64':
    case 'DURATION':
      return typeof value === 'number' ? Number.isSafeInteger(value) : typeof value === 'bigint'
    case 'DOUBLE':
      return typeof value === 'number'
    case 'BOOL':
      return typeof value === 'boolean'
    case 'TIMESTAMP':
      return value instanceof Instant
    case 'IP_ADDRESS':
      return value instanceof Uint8Array && (value.length === 4 || value.length === 16)
    case 'STRING_MAP':
      return isStringMap(value)
  }
}

export function isStringMap(value: unknown): value is StringMap {
  return typeof value === 'object' && value !== null && 'entries' in value && 'get' in value && 'has' in value
}
