import type { AttributeValues, Value } from '@outboard/adapters-sdk'
import fc from 'fast-check'
import { type AttributeValue, Instant, int64 } from '../../src/mixer/attributes/index.js'
import { globalWords } from '../../src/mixer/doors/mixer/dictionary.js'
import { declarations } from './support.js'

/** Texts that a dictionary may hold: global words, ASCII, and everything else. */
export const word = fc.oneof(
  fc.constantFrom(...globalWords),
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
)

const extremes = [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n, -(2n ** 53n) - 1n, 2n ** 49n, 127n, 128n]
const long = fc.oneof(fc.constantFrom(...extremes), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }))

function valuesOf(type: Value['type']): fc.Arbitrary<Value> {
  switch (type) {
    case 'STRING':
    case 'EMAIL_ADDRESS':
    case 'URI':
    case 'DNS_NAME':
      return word.map(value => ({ type, value }))
    case 'INT64':
    case 'DURATION':
      return long.map(value => ({ type, value }))
    case 'DOUBLE':
      return fc.double({ noNaN: true }).map(value => ({ type, value }))
    case 'BOOL':
      return fc.boolean().map(value => ({ type, value }))
    case 'TIMESTAMP':
      return fc
        .record({
          seconds: fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }),
          nanos: fc.integer({ min: 0, max: 999_999_999 }),
        })
        .map(value => ({ type, value }))
    case 'IP_ADDRESS':
      return fc
        .oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 }))
        .map(value => ({ type, value }))
    case 'STRING_MAP':
      return fc
        .array(fc.tuple(word, word), { maxLength: 12 })
        .map(pairs => ({ type, value: Object.fromEntries(pairs.filter(([key]) => key !== '__proto__')) }))
  }
}

/** Some of the declared attributes, with values of their types. */
export const attributes: fc.Arbitrary<AttributeValues> = fc
  .subarray([...declarations])
  .chain(some => fc.tuple(...some.map(({ name, type }) => fc.tuple(fc.constant(name), valuesOf(type)))))
  .map(entries => Object.fromEntries(entries))

/** The form that a value has in a bag; string maps as plain objects. */
export function inside(value: Value): AttributeValue | Record<string, string> {
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
      return { ...value.value }
  }
}

/** Attributes by name in the form of a bag. */
export function insideAll(values: AttributeValues): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, inside(value)]))
}

/**
 * A `CompressedAttributes` as protobufjs takes it. `useGlobal` says for each use of a global word whether it goes as a
 * number of the global dictionary or as a word of the message.
 */
export function compressed(values: AttributeValues, useGlobal: () => boolean): Record<string, unknown> {
  const words: string[] = []
  const index = (text: string): number => {
    const global = globalWords.indexOf(text)
    if (global >= 0 && useGlobal()) return global
    const known = words.indexOf(text)
    return known >= 0 ? -known - 1 : -words.push(text)
  }
  const message: Record<string, Record<string, unknown>> = {}
  const put = (map: string, name: string, value: unknown) => {
    message[map] ??= {}
    message[map][index(name)] = value
  }
  for (const [name, value] of Object.entries(values)) {
    switch (value.type) {
      case 'STRING':
      case 'EMAIL_ADDRESS':
      case 'URI':
      case 'DNS_NAME':
        put('strings', name, index(value.value))
        break
      case 'INT64':
        put('int64s', name, String(value.value))
        break
      case 'DOUBLE':
        put('doubles', name, value.value)
        break
      case 'BOOL':
        put('bools', name, value.value)
        break
      case 'TIMESTAMP':
        put('timestamps', name, value.value)
        break
      case 'DURATION': {
        const seconds = String(value.value / 1_000_000_000n)
        put('durations', name, { seconds, nanos: Number(value.value % 1_000_000_000n) })
        break
      }
      case 'IP_ADDRESS':
        put('bytes', name, value.value)
        break
      case 'STRING_MAP': {
        const pairs = Object.entries(value.value).map(([key, one]) => [index(key), index(one)])
        put('string_maps', name, { entries: Object.fromEntries(pairs) })
      }
    }
  }
  return { words, ...message }
}
