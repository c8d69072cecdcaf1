import fc from 'fast-check'
import {
  AttributeBag,
  type AttributeValue,
  type Declaration,
  Instant,
  type ValueType,
  Vocabulary,
} from '../../src/mixer/attributes/index.js'

/** One attribute of each type, so that no type can be forgotten in a key. */
export const declarations: readonly Declaration[] = [
  { name: 'a.string', type: 'STRING' },
  { name: 'a.int', type: 'INT64' },
  { name: 'a.double', type: 'DOUBLE' },
  { name: 'a.bool', type: 'BOOL' },
  { name: 'a.time', type: 'TIMESTAMP' },
  { name: 'a.ip', type: 'IP_ADDRESS' },
  { name: 'a.email', type: 'EMAIL_ADDRESS' },
  { name: 'a.uri', type: 'URI' },
  { name: 'a.dns', type: 'DNS_NAME' },
  { name: 'a.duration', type: 'DURATION' },
  { name: 'a.map', type: 'STRING_MAP' },
  { name: 'b.string', type: 'STRING' },
  { name: 'b.map', type: 'STRING_MAP' },
]

export const vocabulary = new Vocabulary(declarations)

/** Few and nasty texts, so that equal ones and near misses are common. */
const text = fc.constantFrom(
  '',
  '1',
  '1:',
  ';',
  '2:ab',
  '0:',
  'a',
  'ab',
  '1;',
  '|',
  'é',
  '\u{1F600}',
  '\ud800',
  't',
  '-0',
)
export const mapKey = fc.constantFrom('', 'k', 'k:', '1:k', 'kk')
const map = fc.dictionary(mapKey, text, { maxKeys: 3 }).map(entries => new Map(Object.entries(entries)))
const int64 = fc.constantFrom<number | bigint>(
  0,
  1,
  -1,
  10,
  2 ** 53 - 1,
  2n ** 53n,
  2n ** 63n - 1n,
  -(2n ** 63n),
)

const byType: Record<ValueType, fc.Arbitrary<AttributeValue>> = {
  STRING: text,
  INT64: int64,
  DOUBLE: fc.constantFrom(0, -0, 1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e300),
  BOOL: fc.boolean(),
  TIMESTAMP: fc
    .tuple(fc.constantFrom(0, 1, 11, -1), fc.constantFrom(0, 1, 11, 999_999_999))
    .map(([seconds, nanos]) => new Instant(seconds, nanos)),
  IP_ADDRESS: fc
    .constantFrom(4, 16)
    .chain(length => fc.uint8Array({ minLength: length, maxLength: length, max: 1 })),
  EMAIL_ADDRESS: text,
  URI: text,
  DNS_NAME: text,
  DURATION: int64,
  STRING_MAP: map,
}

/** The values of a bag, each there or absent. */
export const values: fc.Arbitrary<readonly (AttributeValue | undefined)[]> = fc.tuple(
  ...declarations.map(({ type }) => fc.option(byType[type], { nil: undefined, freq: 3 })),
)

export function bagOf(given: readonly (AttributeValue | undefined)[]): AttributeBag {
  const bag = new AttributeBag(vocabulary)
  for (const [slot, value] of given.entries()) if (value !== undefined) bag.set(slot, value)
  return bag
}

/** One look at a bag: an attribute, a whole map, or a key of a map. */
export type Look =
  | { readonly kind: 'attribute'; readonly slot: number }
  | { readonly kind: 'map'; readonly slot: number }
  | { readonly kind: 'key'; readonly slot: number; readonly mapKey: string }

const mapSlots = declarations.flatMap(({ type }, slot) => (type === 'STRING_MAP' ? [slot] : []))
const plainSlots = declarations.flatMap(({ type }, slot) => (type === 'STRING_MAP' ? [] : [slot]))

export const look: fc.Arbitrary<Look> = fc.oneof(
  fc.constantFrom(...plainSlots).map(slot => ({ kind: 'attribute' as const, slot })),
  fc.constantFrom(...mapSlots).map(slot => ({ kind: 'map' as const, slot })),
  fc
    .tuple(fc.constantFrom(...mapSlots), mapKey)
    .map(([slot, key]) => ({ kind: 'key' as const, slot, mapKey: key })),
)

/** What a look finds, as text that differs whenever what was found differs; recorded in the bag. */
export function seen(bag: AttributeBag, { kind, slot, ...more }: Look): string {
  if (kind === 'key') {
    const value = bag.readKey(slot, 'mapKey' in more ? more.mapKey : '')
    return value === null ? 'no map' : value === undefined ? 'no key' : `=${JSON.stringify(value)}`
  }
  const value = kind === 'map' ? bag.readMap(slot) : bag.read(slot)
  return value === undefined ? 'absent' : `=${plain(value)}`
}

function plain(value: AttributeValue): string {
  if (value instanceof Map) return JSON.stringify([...value.entries()].sort(([a], [b]) => (a < b ? -1 : 1)))
  if (value instanceof Uint8Array) return `bytes ${value.join('.')}`
  if (value instanceof Instant) return `${value.seconds} s ${value.nanos} ns`
  if (Object.is(value, -0)) return 'minus zero'
  return `${typeof value === 'bigint' ? 'number' : typeof value} ${typeof value === 'string' ? JSON.stringify(value) : String(value)}`
}
