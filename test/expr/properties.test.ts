import fc from 'fast-check'
import t from 'tap'
import { AttributeBag } from '../../src/mixer/attributes/index.js'
import {
  compile,
  type NecessaryEquality,
  parseDuration,
  parseTimestamp,
  printDuration,
  printTimestamp,
} from '../../src/mixer/expr/index.js'
import {
  byteLength,
  compareBytes,
  concat,
  endsWithBytes,
  startsWithBytes,
  textOfBytes,
} from '../../src/mixer/expr/text/bytes.js'
import { anyRequest, condition, sameResult, stringExpression } from './arbitrary.js'
import { vocabulary } from './request.js'

t.test('well-typed expressions compile, and evaluate alike each time', async () => {
  fc.assert(
    fc.property(fc.oneof(condition, stringExpression), anyRequest, (text, request) => {
      const compiled = compile(text, vocabulary)
      return sameResult(compiled.eval(request()), compiled.eval(request()))
    }),
    { numRuns: 3_000 },
  )
})

t.test('a request that agrees in all that was looked at gets the same value', async () => {
  fc.assert(
    fc.property(fc.oneof(condition, stringExpression), anyRequest, anyRequest, (text, request, other) => {
      const compiled = compile(text, vocabulary)
      const bag = request()
      const value = compiled.eval(bag)
      // The other request, changed to agree with the first wherever the first was looked at.
      const changed = other()
      const agreeing = new AttributeBag(vocabulary)
      const keys = new Map<number, Map<string, string>>()
      for (let slot = 0; slot < vocabulary.size; slot++) {
        const old = changed.peek(slot)
        if (old !== undefined) agreeing.set(slot, old)
      }
      for (const { slot, mapKey, present } of bag.references.list()) {
        const own = bag.peek(slot)
        if (mapKey === undefined) {
          if (own === undefined || !present) return sameResult(value, compiled.eval(withOnly(bag)))
          agreeing.set(slot, own)
        } else {
          const map = keys.get(slot) ?? new Map([['unrelated', 'x']])
          keys.set(slot, map)
          if (present && own instanceof Map) map.set(mapKey, String(own.get(mapKey)))
          agreeing.set(slot, map)
        }
      }
      return sameResult(value, compiled.eval(agreeing))
    }),
    { numRuns: 3_000 },
  )
})

t.test('a condition is never true when one of its necessary equalities does not hold', async t => {
  let checked = 0
  fc.assert(
    fc.property(condition, anyRequest, (text, request) => {
      const compiled = compile(text, vocabulary)
      const bag = request()
      const value = compiled.eval(bag)
      checked += compiled.necessary.length
      return value !== true || compiled.necessary.every(test => holds(test, bag))
    }),
    { numRuns: 5_000 },
  )
  t.ok(checked > 1_000, 'conditions had equalities to check')
})

t.test('necessary equalities are those of the outermost conjunction', async t => {
  const slot = (name: string) => vocabulary.slot(name)
  const table: readonly (readonly [string, readonly unknown[]])[] = [
    ['q.s == "a"', [{ slot: slot('q.s'), mapKey: undefined, literal: 'a', fallback: undefined }]],
    ['"a" == q.s', [{ slot: slot('q.s'), mapKey: undefined, literal: 'a', fallback: undefined }]],
    ['(q.i | 1) == 2', [{ slot: slot('q.i'), mapKey: undefined, literal: 2, fallback: 1 }]],
    ['q.m["k"] == "a"', [{ slot: slot('q.m'), mapKey: 'k', literal: 'a', fallback: undefined }]],
    ['(q.m["k"] | "d") == ""', [{ slot: slot('q.m'), mapKey: 'k', literal: '', fallback: 'd' }]],
    ['q.m["k"] == ""', []],
    [
      'q.b && (q.s == "a" && q.i == 1) && (q.i == 2 || q.b)',
      [{ literal: true }, { literal: 'a' }, { literal: 1 }],
    ],
    ['q.s == "a" || q.s == "b"', []],
    ['q.s != "a"', []],
    ['q.d == 1.0', []],
    ['q.dns == dnsName("a")', []],
    ['q.s', []],
    ['conditional(q.b, q.s == "a", false)', []],
    ['(q.s == "a") | true', []],
    ['q.i == 9007199254740993', [{ literal: 9007199254740993n }]],
  ]
  for (const [text, expected] of table) {
    const { necessary } = compile(text, vocabulary)
    t.equal(necessary.length, expected.length, text)
    t.match(necessary, expected, text)
  }
})

t.test('durations and timestamps read what they print', async () => {
  const int64 = fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n })
  fc.assert(fc.property(int64, nanos => BigInt(parseDuration(printDuration(nanos)) ?? Number.NaN) === nanos))
  const millis = fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 })
  fc.assert(
    fc.property(millis, at => {
      const text = new Date(at).toISOString()
      const instant = parseTimestamp(text)
      if (instant === undefined) return false
      const again = parseTimestamp(printTimestamp(instant))
      return again?.compare(instant) === 0 && instant.seconds === Math.floor(at / 1_000)
    }),
  )
})

t.test('strings behave as their bytes', async () => {
  const text = fc.string({ unit: 'binary', maxLength: 6 })
  const sign = (value: number): number => Math.sign(value)
  fc.assert(
    fc.property(
      text,
      text,
      (a, b) => sign(compareBytes(a, b)) === Buffer.compare(Buffer.from(a), Buffer.from(b)),
    ),
  )
  fc.assert(fc.property(text, a => byteLength(a) === Buffer.byteLength(a)))
  const bytes = fc.array(fc.constantFrom(0x41, 0x80, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0xff), {
    maxLength: 8,
  })
  fc.assert(
    fc.property(bytes, fc.nat(8), (all, at) => {
      const left = textOfBytes(all.slice(0, at))
      const right = textOfBytes(all.slice(at))
      return concat(left, right) === textOfBytes(all) && byteLength(textOfBytes(all)) === all.length
    }),
  )
})

t.test('strings with stray bytes are ordered, begin and end as their bytes do', async () => {
  const bytes = fc.array(fc.constantFrom(0x41, 0x80, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0xff), {
    maxLength: 6,
  })
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      const [left, right] = [textOfBytes(a), textOfBytes(b)]
      return (
        Math.sign(compareBytes(left, right)) === Buffer.compare(Buffer.from(a), Buffer.from(b)) &&
        startsWithBytes(left, right) === b.every((byte, i) => byte === a[i]) &&
        endsWithBytes(left, right) ===
          (b.length <= a.length && b.every((byte, i) => byte === a.at(i - b.length)))
      )
    }),
    { numRuns: 5_000 },
  )
  fc.assert(
    fc.property(bytes, fc.nat(6), (all, at) => {
      const text = textOfBytes(all)
      return (
        startsWithBytes(text, textOfBytes(all.slice(0, at))) &&
        endsWithBytes(text, textOfBytes(all.slice(at)))
      )
    }),
    { numRuns: 5_000 },
  )
})

t.test('adding stray bytes to a long string takes no longer for what it has already', async t => {
  // Decoding all of it at each step would take minutes.
  let text = 'a'.repeat(1_000_000)
  for (let step = 0; step < 500; step++) text = concat(text, step % 2 === 0 ? '\udcc3' : '\udcc3b')
  t.equal(byteLength(text), 1_000_000 + 500 + 250)
})

/** A request with the attributes that another was asked for, and no others. */
function withOnly(bag: AttributeBag): AttributeBag {
  const copy = new AttributeBag(vocabulary)
  for (const { slot } of bag.references.list()) {
    const value = bag.peek(slot)
    if (value !== undefined) copy.set(slot, value)
  }
  return copy
}

/** What a rule index concludes from a test. */
function holds({ slot, mapKey, literal, fallback }: NecessaryEquality, bag: AttributeBag): boolean {
  const value = bag.peek(slot)
  const found = mapKey === undefined ? value : value instanceof Map ? value.get(mapKey) : undefined
  return (found ?? fallback) === literal
}
