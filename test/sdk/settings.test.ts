import { type SettingsOf, settings, settingsTable } from '@outboard/adapters-sdk'
import protobuf from 'protobufjs'
import t from 'tap'

const schema = settings.object(
  {
    status: settings.message(
      {
        code: settings.integer({ default: 9, field: 1 }),
        message: settings.string({ default: '', field: 2 }),
        details: settings.list(
          settings.any({
            'test.Answer': settings.message({ body: settings.string({ default: '', field: 1 }) }),
          }),
          { field: 3 },
        ),
      },
      { field: 1 },
    ),
    validDuration: settings.duration({
      default: '5s',
      min: 0,
      field: 2,
      description: 'How long an answer holds',
    }),
    validUseCount: settings.integer({ default: 1000, min: 0, field: 3 }),
    overrides: settings.list(settings.string({ minLength: 1 }), { field: 4 }),
    entryType: settings.enumeration({ STRINGS: 0, REGEX: 3 }, { default: 'STRINGS', field: 5 }),
    levels: settings.map(settings.enumeration({ INFO: 0, ERROR: 2 }), {
      default: { info: 'INFO' },
      field: 6,
    }),
    maxAmount: settings.int64({ default: 10n, field: 7 }),
    ratio: settings.number({ default: 0.5, min: 0, max: 1, field: 8 }),
    blacklist: settings.boolean({ default: false, field: 9 }),
    secret: settings.bytes({ optional: true, field: 10 }),
    buckets: settings.oneOf(
      {
        linear: settings.message({ count: settings.integer({ above: 0, field: 1 }) }, { field: 1 }),
        explicit: settings.list(settings.number(), { field: 2 }),
      },
      { optional: true, field: 11 },
    ),
    quotas: settings.list(
      settings.message({
        name: settings.string({ field: 1 }),
        dimensions: settings.map(settings.string(), { field: 2 }),
      }),
      { field: 12 },
    ),
    extra: settings.json({ optional: true }),
  },
  {
    message: 'test.Params',
    check: (value, problem) => {
      if (value.entryType === 'REGEX' && value.overrides.length === 0)
        problem('overrides', 'must not be empty for REGEX')
    },
  },
)

type Settings = SettingsOf<typeof schema>

const defaults: Settings = {
  status: { code: 9, message: '', details: [] },
  validDuration: 5_000,
  validUseCount: 1000,
  overrides: [],
  entryType: 'STRINGS',
  levels: { info: 'INFO' },
  maxAmount: 10n,
  ratio: 0.5,
  blacklist: false,
  secret: undefined,
  buckets: undefined,
  quotas: [],
  extra: undefined,
}

function resolved(raw: unknown): Settings {
  const answer = schema.resolve(raw)
  if ('problems' in answer) throw new Error(JSON.stringify(answer.problems))
  return answer.settings
}

function problems(raw: unknown): Record<string, string> {
  const answer = schema.resolve(raw)
  return 'problems' in answer
    ? Object.fromEntries(answer.problems.map(each => [each.path, each.message]))
    : {}
}

t.test('Nothing given is every default; null and undefined are nothing', async t => {
  for (const raw of [
    undefined,
    null,
    {},
    { status: null, overrides: undefined, status_x: undefined }.status,
  ]) {
    t.strictSame(resolved(raw), defaults)
  }
})

t.test('Keys are taken in camelCase and snake_case, not both at once', async t => {
  t.strictSame(resolved({ valid_duration: '1.5s', maxAmount: 3 }), {
    ...defaults,
    validDuration: 1_500,
    maxAmount: 3n,
  })
  t.match(problems({ valid_duration: '1s', validDuration: '2s' }), { validDuration: /given twice/ })
})

t.test('A given list or map replaces the default as a whole, a message merges field by field', async t => {
  t.strictSame(resolved({ status: { message: 'no' }, levels: { debug: 2 } }), {
    ...defaults,
    status: { code: 9, message: 'no', details: [] },
    levels: { debug: 'ERROR' },
  })
})

t.test('Every problem is found at once, with its path and the nearest known name', async t => {
  const raw = {
    status: { cod: 7, code: 'seven' },
    validDuraton: '5s',
    validUseCount: -1,
    overrides: ['a', '', null],
    entryType: 'STRING',
    levels: { 'a b': 'LOUD' },
    maxAmount: '9223372036854775808',
    ratio: 2,
    blacklist: 'yes',
    secret: '***',
    quotas: [{ name: 'q' }, { dimensions: { 'x.y': 1 } }],
    buckets: { linear: { count: 0 } },
  }
  t.strictSame(problems(raw), {
    'status.cod': 'is not known; did you mean code?',
    'status.code': 'must be a whole number, not "seven"',
    validDuraton: 'is not known; did you mean validDuration?',
    validUseCount: 'must be at least 0, not -1',
    'overrides[1]': 'must not be empty',
    'overrides[2]': 'must not be empty',
    entryType: 'must be one of STRINGS, REGEX, not "STRING"; did you mean STRINGS?',
    'levels["a b"]': 'must be one of INFO, ERROR, not "LOUD"',
    maxAmount: 'must fit into 64 bits, unlike "9223372036854775808"',
    ratio: 'must be at most 1, not 2',
    blacklist: 'must be true or false, not "yes"',
    secret: 'must be base64 text, not "***"',
    'quotas[1].name': 'is required',
    'quotas[1].dimensions["x.y"]': 'must be text, not 1',
    'buckets.linear.count': 'must be greater than 0, not 0',
  })
  t.strictSame(problems({ buckets: { linear: { count: 1 }, explicit: [1] } }), {
    buckets: 'must have only one of linear, explicit, not linear and explicit',
  })
  t.strictSame(problems({ buckets: {} }), { buckets: 'must have one of linear, explicit' })
  t.strictSame(problems({ entryType: 'REGEX' }), { overrides: 'must not be empty for REGEX' })
  t.strictSame(problems('text'), { '': 'must be an object, not "text"' })
  t.strictSame(problems({ validDuration: '-1s' }), { validDuration: 'must be at least 0s, not "-1s"' })
})

t.test('Hostile documents: keys of the prototype, endless lists of problems, deep nesting', async t => {
  const own = Object.entries(problems(JSON.parse('{"__proto__":{"x":1},"constructor":1}')))
  t.same(own, [
    ['__proto__', 'is not known'],
    ['constructor', 'is not known'],
  ])
  const map = resolved(JSON.parse('{"quotas":[{"name":"q","dimensions":{"__proto__":"x"}}]}')).quotas[0]
    ?.dimensions
  t.same(Object.entries(map ?? {}), [['__proto__', 'x']])
  const many = schema.resolve({ overrides: Array.from({ length: 5_000 }, () => 1) })
  t.equal('problems' in many && many.problems.length, 100)
  let deep: unknown = 1
  for (let i = 0; i < 100_000; i++) deep = [deep]
  t.match(problems({ extra: deep }), { extra: /JSON-like/ })
  t.ok((problems({ entryType: 'x'.repeat(1_000_000) }).entryType ?? '').length < 120, 'what was found is cut')
})

t.test('Durations are read in protobuf’s and in Go’s text', async t => {
  const texts: readonly (readonly [string, number | undefined])[] = [
    ['5s', 5_000],
    ['1.5s', 1_500],
    ['300ms', 300],
    ['1h30m', 5_400_000],
    ['2m0.5s', 120_500],
    ['100us', 0.1],
    ['1µs', 0.001],
    ['0.000000001s', 0.000001],
    ['0', 0],
    ['0s', 0],
    ['.5s', 500],
    ['5', undefined],
    ['', undefined],
    ['s', undefined],
    ['5 s', undefined],
    ['1.2.3s', undefined],
    ['1e3s', undefined],
    ['400000000000s', undefined],
  ]
  for (const [text, ms] of texts) {
    const answer = schema.resolve({ validDuration: text })
    t.equal('settings' in answer ? answer.settings.validDuration : undefined, ms, text)
  }
  t.match(problems({ validDuration: 5 }), { validDuration: 'must be a duration like "5s" or "300ms", not 5' })
})

t.test('adapter_config bytes of a protobuf library are decoded by the same definition', async t => {
  const source = `syntax = "proto3"; package test;
    message Duration { int64 seconds = 1; int32 nanos = 2; }
    message Any { string type_url = 1; bytes value = 2; }
    message Answer { string body = 1; }
    message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
    message Linear { int32 count = 1; }
    message Buckets { oneof kind { Linear linear = 1; } repeated double explicit = 2; }
    message Quota { string name = 1; map<string, string> dimensions = 2; }
    enum Type { STRINGS = 0; REGEX = 3; }
    enum Level { INFO = 0; ERROR = 2; }
    message Params { Status status = 1; Duration valid_duration = 2; int32 valid_use_count = 3;
      repeated string overrides = 4; Type entry_type = 5; map<string, Level> levels = 6; int64 max_amount = 7;
      double ratio = 8; bool blacklist = 9; bytes secret = 10; Buckets buckets = 11; repeated Quota quotas = 12;
      string unknown = 99; }`
  const root = protobuf.parse(source).root
  const params = root.lookupType('test.Params')
  const encode = (object: object) => params.encode(params.fromObject(object)).finish()
  const decoded = (object: object) => resolved(schema.message?.decode(encode(object)))
  t.equal(schema.message?.fullName, 'test.Params')
  t.strictSame(decoded({}), defaults)
  const answer = root.lookupType('test.Answer').encode({ body: 'closed' }).finish()
  const details = [{ typeUrl: 'type.googleapis.com/test.Answer', value: answer }]
  t.strictSame(
    decoded({
      status: { code: 7, details },
      validDuration: { seconds: 2, nanos: 500_000_000 },
      overrides: ['a', 'b'],
      entryType: 3,
      levels: { warn: 2 },
      maxAmount: -5,
      ratio: 0.25,
      blacklist: true,
      secret: Buffer.from('key'),
      buckets: { linear: { count: 3 } },
      quotas: [{ name: 'q', dimensions: { a: 'b' } }],
      unknown: 'x',
    }),
    {
      ...defaults,
      status: { code: 7, message: '', details: [{ kind: 'test.Answer', value: { body: 'closed' } }] },
      validDuration: 2_500,
      overrides: ['a', 'b'],
      entryType: 'REGEX',
      levels: { warn: 'ERROR' },
      maxAmount: -5n,
      ratio: 0.25,
      blacklist: true,
      secret: Buffer.from('key'),
      buckets: { kind: 'linear', value: { count: 3 } },
      quotas: [{ name: 'q', dimensions: { a: 'b' } }],
    },
  )
  t.strictSame(
    decoded({ buckets: { explicit: [1, 2.5] } }).buckets,
    { kind: 'explicit', value: [1, 2.5] },
    'packed',
  )
  const negative = encode({ validDuration: { seconds: -1, nanos: -500_000_000 } })
  t.match(problems(schema.message?.decode(negative)), {
    validDuration: /must be at least 0s, not "-1.500000000s"/,
  })
})

t.test('What is no settings message is refused, and nothing else', async t => {
  for (const hex of ['ff', '0a05', '10', '1201', '0b', '3d']) {
    t.throws(() => schema.message?.decode(Buffer.from(hex, 'hex')), { code: 'PROTOCOL_MALFORMED' }, hex)
  }
})

t.test('The schema describes itself as JSON Schema and as a table', async t => {
  t.match(schema.jsonSchema, {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    additionalProperties: false,
    properties: {
      validDuration: { type: 'string', default: '5s', description: 'How long an answer holds' },
      entryType: { enum: ['STRINGS', 'REGEX'], default: 'STRINGS' },
      ratio: { type: 'number', minimum: 0, maximum: 1, default: 0.5 },
      quotas: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } } },
      levels: { type: 'object', additionalProperties: { enum: ['INFO', 'ERROR'] } },
      maxAmount: { default: '10' },
    },
  })
  JSON.stringify(schema.jsonSchema)
  const table = settingsTable(schema).split('\n')
  t.equal(table[0], '| setting | type | default | meaning |')
  t.ok(table.includes('| `validDuration` | duration | `"5s"` | How long an answer holds |'))
  t.ok(table.includes('| `quotas[].name` | string |  |  |'))
  t.ok(table.includes('| `entryType` | STRINGS \\| REGEX | `"STRINGS"` |  |'))
})
