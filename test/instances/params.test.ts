import { readFileSync } from 'node:fs'
import { descriptorBytes, TemplateError } from '@outboard/adapters-sdk'
import fc from 'fast-check'
import protobuf from 'protobufjs'
import t from 'tap'
import { adapterConfigOf, encodeParams, printPath } from '../../src/mixer/config/instances/index.js'
import { file, message, set } from '../templates/wire.js'

const config = adapterConfigOf(descriptorBytes(readFileSync('test/templates/fixtures/params.base64', 'utf8')))

/** An independent reader of what we encode. */
const params = protobuf
  .parse(readFileSync('test/templates/fixtures/params.proto', 'utf8'), new protobuf.Root(), {
    keepCase: true,
  })
  .root.addJSON(protobuf.common.get('google/protobuf/duration.proto')?.nested ?? {})
  .addJSON(protobuf.common.get('google/protobuf/timestamp.proto')?.nested ?? {})
  .addJSON(protobuf.common.get('google/protobuf/wrappers.proto')?.nested ?? {})

function encoded(given: unknown): Uint8Array {
  const result = encodeParams(config, given)
  if (result.ok) return result.value.value
  throw new TypeError(result.problems.map(problem => problem.message).join('\n'))
}

function read(given: unknown): unknown {
  const type = params.root.lookupType('parcel.config.Params')
  return type.toObject(type.decode(encoded(given)), { longs: String, enums: String, bytes: String })
}

function refused(given: unknown): string[] {
  const result = encodeParams(config, given)
  if (result.ok) throw new TypeError('nothing was refused')
  return result.problems.map(({ path, code }) => `${printPath(path)} ${code}`)
}

t.test('The settings message is Params of the last file that has one', async t => {
  t.equal(config.typeUrl, 'type.googleapis.com/parcel.config.Params')
  const first = file({ packageName: 'one', messages: [message('Params', [])], options: [] })
  const second = file({ packageName: 'two', messages: [message('Params', [])], options: [] })
  const third = file({ packageName: 'three', messages: [message('Other', [])], options: [] })
  t.equal(adapterConfigOf(set(first, second, third)).typeUrl, 'type.googleapis.com/two.Params')
  t.throws(() => adapterConfigOf(set(third)), { code: 'TEMPLATE_MESSAGE' })
  t.throws(() => adapterConfigOf(Uint8Array.of(255)), TemplateError)
})

t.test('Params of every kind are encoded', async t => {
  t.same(
    read({
      title: 'é',
      max_amount: '0x7fffffffffffffff',
      ratio: '1.5',
      strict: true,
      secret: 'AP8=',
      mode: 'ON',
      validDuration: '1m30s',
      since: '2020-01-01T00:00:00.5Z',
      waits: ['1s', '-5ms'],
      rules: [{ match: 'x', codes: [1, '-2'], modes: ['ON', 'OFF'] }, {}],
      byName: { b: { match: 'y' }, a: {} },
      by_code: { '7': 'seven', '-1': 'minus' },
      by_flag: { true: 'yes' },
      note: 'bare',
      small: 7n,
      socket: '/s',
      maybe: 'm',
      list: ['p', ''],
    }),
    {
      title: 'é',
      max_amount: '9223372036854775807',
      ratio: 1.5,
      strict: true,
      secret: 'AP8=',
      mode: 'ON',
      valid_duration: { seconds: '90' },
      since: { seconds: '1577836800', nanos: 500_000_000 },
      waits: [{ seconds: '1' }, { nanos: -5_000_000 }],
      rules: [{ match: 'x', codes: [1, -2], modes: ['ON', 'OFF'] }, {}],
      by_name: { a: {}, b: { match: 'y' } },
      by_code: { '7': 'seven', '-1': 'minus' },
      by_flag: { true: 'yes' },
      note: { value: 'bare' },
      small: 7,
      socket: '/s',
      maybe: 'm',
      list: ['p', ''],
    },
  )
})

t.test('Equal params give equal bytes, in whatever order they are written; nulls are nothing', async t => {
  const one = encoded({ title: 'x', by_name: { a: {}, b: {} }, mode: null })
  const other = encoded({ byName: { b: {}, a: {} }, title: 'x' })
  t.same(one, other)
  t.same(encodeParams(config, undefined), {
    ok: true,
    value: { typeUrl: 'type.googleapis.com/parcel.config.Params', value: new Uint8Array(0) },
  })
  t.equal(encoded(null).length, 0)
  t.equal(encoded({}).length, 0)
})

t.test('Each mistake has its path and code', async t => {
  t.same(
    refused({
      titel: 'x',
      max_amount: 1.5,
      ratio: 'much',
      strict: 'true',
      secret: '?',
      mode: 1,
      valid_duration: '1d',
      since: 5,
      rules: [{ codes: [2 ** 31] }, 'x', { modes: ['AUTO'] }],
      by_name: [],
      by_code: { x: 'y' },
      by_flag: { yes: 'y' },
      note: 7,
      small: -1,
      host: 'h',
      socket: 's',
      list: 'x',
    }).sort(),
    [
      'params.by_code.x INSTANCE_FIELD_TYPE',
      'params.by_flag.yes INSTANCE_FIELD_TYPE',
      'params.by_name INSTANCE_FIELD_TYPE',
      'params.list INSTANCE_FIELD_TYPE',
      'params.max_amount INSTANCE_FIELD_TYPE',
      'params.mode INSTANCE_FIELD_VALUE',
      'params.note INSTANCE_FIELD_TYPE',
      'params.ratio INSTANCE_FIELD_TYPE',
      'params.rules[0].codes[0] INSTANCE_FIELD_VALUE',
      'params.rules[1] INSTANCE_FIELD_TYPE',
      'params.rules[2].modes[0] INSTANCE_FIELD_VALUE',
      'params.secret INSTANCE_FIELD_TYPE',
      'params.since INSTANCE_FIELD_TYPE',
      'params.small INSTANCE_FIELD_VALUE',
      'params.socket INSTANCE_ONEOF',
      'params.strict INSTANCE_FIELD_TYPE',
      'params.titel INSTANCE_UNKNOWN_FIELD',
      'params.valid_duration INSTANCE_FIELD_VALUE',
    ],
  )
  t.same(refused('x'), ['params INSTANCE_FIELD_TYPE'])
  t.same(refused({ title: 'a', Title: 'b' }), ['params.Title INSTANCE_UNKNOWN_FIELD'])
  t.same(refused({ max_amount: 1, maxAmount: 2 }), ['params.maxAmount INSTANCE_DUPLICATE_FIELD'])
  t.same(refused({ title: 'x'.repeat(4_200_000) }), ['params INSTANCE_FIELD_VALUE'])
  const result = encodeParams(config, { mode: 'On' }, ['spec', 'params'])
  t.match(result, {
    problems: [{ message: /spec\.params\.mode: takes the name.*found the text "On"; did you mean "ON"\?/ }],
  })
})

t.test('Whatever stands in params, the answer is bytes or problems', async t => {
  const keys = fc.constantFrom(
    'title',
    'rules',
    'by_name',
    'codes',
    'match',
    'mode',
    'waits',
    'note',
    'since',
    'by_code',
  )
  const { tree } = fc.letrec(tie => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      fc.oneof(fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null)),
      fc.dictionary(keys, tie('tree'), { maxKeys: 4 }),
      fc.array(tie('tree'), { maxLength: 3 }),
    ),
  }))
  fc.assert(
    fc.property(tree, given => {
      const result = encodeParams(config, given)
      return result.ok ? result.value.value.length >= 0 : result.problems.length > 0
    }),
    { numRuns: 2_000 },
  )
  t.pass()
})
