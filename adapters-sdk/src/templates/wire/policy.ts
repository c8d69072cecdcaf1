import type { ValueType } from '../../values.js'
import type { WireWriter } from './writer.js'

/**
 * The member of `istio.policy.v1beta1.Value` that carries each type, and that member's wire type.
 * Source: reference wire-policy-config, 1.2.
 */
export const valueMember: Readonly<Record<ValueType, { readonly number: number; readonly key: number }>> = {
  STRING: { number: 1, key: 0x0a },
  INT64: { number: 2, key: 0x10 },
  DOUBLE: { number: 3, key: 0x19 },
  BOOL: { number: 4, key: 0x20 },
  IP_ADDRESS: { number: 5, key: 0x2a },
  TIMESTAMP: { number: 6, key: 0x32 },
  DURATION: { number: 7, key: 0x3a },
  EMAIL_ADDRESS: { number: 8, key: 0x42 },
  DNS_NAME: { number: 9, key: 0x4a },
  URI: { number: 10, key: 0x52 },
  STRING_MAP: { number: 11, key: 0x5a },
}

/** The type that a member of `Value` carries, by the member's number. */
export const memberType: ReadonlyMap<number, ValueType> = new Map([
  [1, 'STRING'],
  [2, 'INT64'],
  [3, 'DOUBLE'],
  [4, 'BOOL'],
  [5, 'IP_ADDRESS'],
  [6, 'TIMESTAMP'],
  [7, 'DURATION'],
  [8, 'EMAIL_ADDRESS'],
  [9, 'DNS_NAME'],
  [10, 'URI'],
  [11, 'STRING_MAP'],
])

/** The first second of year 1 and the last of year 9999: what `google.protobuf.Timestamp` may hold. */
export const timestampRange = { min: -62_135_596_800, max: 253_402_300_799 } as const

/** `google.protobuf.Timestamp` with its length before it; zeros are not written. */
export function writeTimestamp(writer: WireWriter, seconds: number, nanos: number): void {
  const start = writer.begin()
  if (seconds !== 0) {
    writer.uint32(0x08)
    writer.int64(seconds)
  }
  if (nanos !== 0) {
    writer.uint32(0x10)
    writer.uint32(nanos)
  }
  writer.end(start)
}

/** `google.protobuf.Duration` from nanoseconds, with its length before it; zeros are not written. */
export function writeDuration(writer: WireWriter, nanoseconds: number | bigint): void {
  const start = writer.begin()
  const whole = typeof nanoseconds === 'number'
  const seconds = whole ? Math.trunc(nanoseconds / 1e9) : Number(nanoseconds / 1_000_000_000n)
  const nanos = whole ? nanoseconds - seconds * 1e9 : Number(nanoseconds % 1_000_000_000n)
  if (seconds !== 0) {
    writer.uint32(0x08)
    writer.int64(seconds)
  }
  if (nanos !== 0) {
    writer.uint32(0x10)
    writer.int64(nanos)
  }
  writer.end(start)
}

/** The entries of a map of texts, each under the given key (`number << 3 | 2`), in order of their keys. */
export function writeTexts(
  writer: WireWriter,
  key: number,
  entries: Iterable<readonly [string, string]>,
): void {
  for (const [name, value] of [...entries].sort(byName)) {
    writer.uint32(key)
    const start = writer.begin()
    writer.uint32(0x0a)
    writer.string(name)
    writer.uint32(0x12)
    writer.string(value)
    writer.end(start)
  }
}

/** The one order of map keys: by UTF-16 units, as JavaScript compares. */
function byName(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0
}
