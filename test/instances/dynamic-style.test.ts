import { readFileSync } from 'node:fs'
import { decodeInstance, descriptorBytes, templateFromDescriptorSet } from '@outboard/adapters-sdk'
import t from 'tap'
import { EvalFailure } from '../../src/mixer/expr/index.js'
import { show } from '../templates/show.js'
import { bagOf, built, compiled, encoded, found, problems } from './support.js'

const parcel = templateFromDescriptorSet(
  descriptorBytes(readFileSync('test/templates/fixtures/parcel.base64', 'utf8')),
)

/** The fields that params give, by both ways, which must agree. */
function filled(params: unknown, bag = bagOf({})): string {
  const instance = compiled({ template: parcel, style: 'dynamic', params })
  const record = show(built(instance, bag).fields)
  const decoded = show(decodeInstance(parcel, encoded(instance, bag)).fields)
  if (record !== decoded) throw new TypeError(`${record} and ${decoded}`)
  return record
}

function refused(params: unknown): string[] {
  return problems({ template: parcel, style: 'dynamic', params })
}

t.test('A text in quotes is a literal, taken as it is', async t => {
  t.equal(filled({ s: '"x"' }), '{"s": "x"}')
  t.equal(filled({ s: "'it is'" }), '{"s": "it is"}')
  t.equal(filled({ s: '""' }), '{"s": ""}')
  t.equal(filled({ s: '"5m"' }), '{"s": "5m"}', 'no duration')
  t.equal(filled({ s: '"a\\"b\\n"' }), '{"s": "a\\\\\\"b\\\\n"}', 'nothing is unescaped')
  t.equal(filled({ v: '"0"' }), '{"v": {"type": "STRING", "value": "0"}}')
})

t.test('A text that only begins and ends with a quote is an expression', async t => {
  t.equal(filled({ s: 'a.string | "b"' }, bagOf({ 'a.string': 'a' })), '{"s": "a"}')
  t.equal(filled({ s: '"a" | "b"' }), '{"s": "a"}')
  t.equal(filled({ s: '"a" + "b"' }), '{"s": "ab"}')
  t.same(refused({ s: '"' }), ['params.s INSTANCE_EXPRESSION'])
  t.same(refused({ s: "'it''s'" }), ['params.s INSTANCE_EXPRESSION'])
})

t.test('Numbers and booleans stand for themselves; in a Value a number is a double', async t => {
  t.equal(filled({ v: 1 }), '{"v": {"type": "DOUBLE", "value": 1}}')
  t.equal(filled({ v: '1' }), '{"v": {"type": "INT64", "value": 1n}}')
  t.equal(filled({ v: true }), '{"v": {"type": "BOOL", "value": true}}')
  t.equal(
    filled({
      i32: -1,
      i64: 9_007_199_254_740_991,
      u32: 4_294_967_295,
      s32: -5,
      f64: 7n,
      sf32: -3,
      d: 2,
      b: false,
    }),
    '{"b": false, "d": 2, "f64": 7n, "i32": -1n, "i64": 9007199254740991n, "s32": -5n, "sf32": -3n, "u32": 4294967295n}',
  )
  t.same(refused({ i32: 1.5, u32: -1, i64: 1e300, s: 5, b: 1, d: true, ip: 4, speed: 1 }), [
    'params.i32 INSTANCE_FIELD_VALUE',
    'params.u32 INSTANCE_FIELD_VALUE',
    'params.i64 INSTANCE_FIELD_VALUE',
    'params.s INSTANCE_FIELD_TYPE',
    'params.b INSTANCE_FIELD_TYPE',
    'params.d INSTANCE_FIELD_TYPE',
    'params.ip INSTANCE_FIELD_TYPE',
    'params.speed INSTANCE_FIELD_TYPE',
  ])
})

t.test('Numbers may stand in quotes, with a prefix for their base', async t => {
  t.equal(
    filled({ i32: '"-0x1f"', u64: '"18446744073709551615"', i64: '"010"', d: '"1e3"' }),
    '{"d": 1000, "i32": -31n, "i64": 8n, "u64": 18446744073709551615n}',
  )
  t.same(
    refused({
      i32: '"x"',
      i64: '"1_000"',
      u64: '"18446744073709551616"',
      s64: '"9223372036854775808"',
      d: '""',
      b: '"true"',
    }),
    [
      'params.i32 INSTANCE_FIELD_VALUE',
      'params.i64 INSTANCE_FIELD_VALUE',
      'params.u64 INSTANCE_FIELD_VALUE',
      'params.s64 INSTANCE_FIELD_VALUE',
      'params.d INSTANCE_FIELD_VALUE',
      'params.b INSTANCE_FIELD_TYPE',
    ],
  )
})

t.test('A quoted literal in an address, time or duration field is read as one', async t => {
  t.equal(
    filled({
      ip: '"1.2.3.4"',
      time: "'2020-01-01T00:00:00Z'",
      span: '"1m30s"',
      gspan: '"-5ms"',
      dns: '"x.y"',
    }),
    show({
      ip: new Uint8Array([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 1, 2, 3, 4]),
      time: { seconds: 1_577_836_800, nanos: 0 },
      span: 90_000_000_000n,
      gspan: -5_000_000n,
      dns: 'x.y',
    }),
  )
  t.same(refused({ ip: '"x"', time: '"noon"', span: '"1d"', gtime: '""', labels: '"x"' }), [
    'params.ip INSTANCE_FIELD_VALUE',
    'params.time INSTANCE_FIELD_VALUE',
    'params.span INSTANCE_FIELD_VALUE',
    'params.gtime INSTANCE_FIELD_VALUE',
    'params.labels INSTANCE_FIELD_TYPE',
  ])
})

t.test('Enums take the name of a value, a number by expression, or a name by expression', async t => {
  t.equal(filled({ speed: '"BACK"' }), '{"speed": -1n}')
  t.equal(filled({ speed: 'a.int' }, bagOf({ 'a.int': 7 })), '{"speed": 7n}')
  t.equal(filled({ speed: 'a.string' }, bagOf({ 'a.string': 'FAST' })), '{"speed": 1n}')
  t.same(refused({ speed: '"QUICK"' }), ['params.speed INSTANCE_FIELD_VALUE'])
  const instance = compiled({ template: parcel, style: 'dynamic', params: { speed: 'a.string' } })
  t.match(instance.build(bagOf({ 'a.string': 'QUICK' })), {
    kind: 'invalid',
    message: /"QUICK" is no value of the enum/,
  })
  t.ok(instance.encode(bagOf({ 'a.string': 'QUICK' })) instanceof EvalFailure)
})

t.test('An integer that does not fit its field is a failure of the request', async t => {
  const instance = compiled({ template: parcel, style: 'dynamic', params: { i32: 'a.int' } })
  t.equal(show(built(instance, bagOf({ 'a.int': -5 })).fields), '{"i32": -5n}')
  for (const result of [
    instance.build(bagOf({ 'a.int': 2 ** 31 })),
    instance.encode(bagOf({ 'a.int': 2 ** 31 })),
  ]) {
    t.match(result, { kind: 'invalid', message: 'params.i32: 2147483648 is outside the range of int32' })
  }
})

t.test('Lists, messages and maps follow the structure of the document', async t => {
  t.equal(
    filled(
      {
        ints: [1, 'a.int', '"0b11"'],
        texts: ['"a"', 'a.string'],
        speeds: ['"FAST"', 'a.int'],
        items: [{ text: '"x"' }, {}],
        item: { inner: { items: { k: { text: 'a.string' } } } },
        byName: { z: { text: '""' } },
        doubles: { pi: 3.14, e: 'a.double' },
        plain: 'a.labels',
      },
      bagOf({ 'a.int': -1, 'a.string': 's', 'a.double': 2.5, 'a.labels': new Map([['m', 'n']]) }),
    ),
    show({
      ints: [1n, -1n, 3n],
      texts: ['a', 's'],
      speeds: [1n, -1n],
      items: [{ text: 'x' }, {}],
      item: { inner: { items: { k: { text: 's' } } } },
      by_name: { z: { text: '' } },
      doubles: { pi: 3.14, e: 2.5 },
      plain: { m: 'n' },
    }),
  )
  t.equal(filled({ ints: [], plain: {}, items: null }), '{}')
  t.same(
    refused({
      ints: 1,
      texts: 'a.labels',
      items: ['"x"'],
      ip: {},
      doubles: 'a.labels',
      by_name: 'a.labels',
      raw: '"AA=="',
    }),
    [
      'params.ints INSTANCE_FIELD_TYPE',
      'params.texts INSTANCE_FIELD_TYPE',
      'params.items[0] INSTANCE_FIELD_TYPE',
      'params.ip INSTANCE_FIELD_TYPE',
      'params.doubles INSTANCE_FIELD_TYPE',
      'params.by_name INSTANCE_FIELD_TYPE',
      'params.raw INSTANCE_FIELD_UNSUPPORTED',
    ],
  )
})

t.test('An empty text is a mistake, and the message says how to write one', async t => {
  t.match(found({ template: parcel, style: 'dynamic', params: { s: '' } }), [
    { code: 'INSTANCE_EMPTY_EXPRESSION', message: /an empty text is written '""'/ },
  ])
})

t.test('Params nested without end are a mistake', async t => {
  let item: unknown = {}
  for (let i = 0; i < 60; i++) item = { inner: item }
  t.match(refused({ item }).at(-1), /INSTANCE_TOO_DEEP/)
})

t.test('Keys that every object inherits are keys like any other', async t => {
  const params: unknown = JSON.parse('{"vs": {"__proto__": "a.string", "constructor": 1}}')
  t.equal(
    filled(params, bagOf({ 'a.string': 'x' })),
    '{"vs": {"__proto__": {"type": "STRING", "value": "x"}, "constructor": {"type": "DOUBLE", "value": 1}}}',
  )
  t.same(refused({ constructor: 1 }), ['params.constructor INSTANCE_UNKNOWN_FIELD'])
})
