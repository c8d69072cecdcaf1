import { decodeInstance } from '@outboard/adapters-sdk'
import t from 'tap'
import { Instant } from '../../src/mixer/attributes/index.js'
import { EvalFailure } from '../../src/mixer/expr/index.js'
import { show } from '../templates/show.js'
import { bagOf, built, compiled, encoded, found, problems, template } from './support.js'

const everything = bagOf({
  'a.string': 'x',
  'a.int': 2n ** 62n,
  'a.double': 0.5,
  'a.bool': false,
  'a.time': new Instant(-1, 5),
  'a.ip': Uint8Array.of(1, 2, 3, 4),
  'a.mail': 'a@b',
  'a.uri': 'http://x',
  'a.dns': 'x.y',
  'a.span': -1_500_000_000,
  'a.labels': new Map([
    ['k', 'v'],
    ['a', ''],
  ]),
})

t.test('A metric is filled from attributes: every type goes into a Value', async t => {
  const names = ['string', 'int', 'double', 'bool', 'time', 'ip', 'mail', 'uri', 'dns', 'span', 'labels']
  const metric = compiled({
    template: template('metric'),
    style: 'compiled',
    params: {
      value: '1',
      dimensions: Object.fromEntries(names.map(name => [name, `a.${name}`])),
      monitored_resource_type: '"UNSPECIFIED"',
    },
  })
  t.equal(metric.name, 'i.instance.ns')
  t.equal(metric.shortName, 'i')
  const instance = built(metric, everything)
  t.match(instance, { name: 'i.instance.ns', template: 'metric' })
  t.equal(
    show(instance.fields),
    show({
      value: { type: 'INT64', value: 1n },
      dimensions: {
        string: { type: 'STRING', value: 'x' },
        int: { type: 'INT64', value: 2n ** 62n },
        double: { type: 'DOUBLE', value: 0.5 },
        bool: { type: 'BOOL', value: false },
        time: { type: 'TIMESTAMP', value: { seconds: -1, nanos: 5 } },
        ip: { type: 'IP_ADDRESS', value: Uint8Array.of(1, 2, 3, 4) },
        mail: { type: 'EMAIL_ADDRESS', value: 'a@b' },
        uri: { type: 'URI', value: 'http://x' },
        dns: { type: 'DNS_NAME', value: 'x.y' },
        span: { type: 'DURATION', value: -1_500_000_000n },
        labels: { type: 'STRING_MAP', value: { a: '', k: 'v' } },
      },
      monitored_resource_type: 'UNSPECIFIED',
    }),
  )
  t.equal(show(decodeInstance(template('metric'), encoded(metric, everything))), show(instance))
})

t.test('Fields of one type take expressions of that type alone', async t => {
  const span = compiled({
    template: template('tracespan'),
    style: 'compiled',
    params: {
      trace_id: 'a.string',
      start_time: 'a.time',
      httpStatusCode: 'a.int',
      clientSpan: 'a.bool',
      source_ip: 'a.ip',
    },
  })
  const fields = show(built(span, everything).fields)
  t.match(fields, /"client_span": false/, 'JSON names are names too')
  t.equal(show(decodeInstance(template('tracespan'), encoded(span, everything)).fields), fields)
  t.same(
    problems({
      template: template('tracespan'),
      style: 'compiled',
      params: {
        trace_id: 'a.int',
        start_time: 'a.string',
        httpStatusCode: 'a.double',
        source_ip: '"1.2.3.4"',
      },
    }),
    [
      'params.trace_id INSTANCE_FIELD_TYPE',
      'params.start_time INSTANCE_FIELD_TYPE',
      'params.httpStatusCode INSTANCE_FIELD_TYPE',
      'params.source_ip INSTANCE_FIELD_TYPE',
    ],
  )
  const [problem] = found({ template: template('edge'), style: 'compiled', params: { source_uid: 'a.int' } })
  t.match(problem?.message, /params\.source_uid: takes an expression of type STRING, found one of type INT64/)
})

t.test('Messages inside are filled by their own structure', async t => {
  const authorization = compiled({
    template: template('authorization'),
    style: 'compiled',
    params: { action: { path: 'a.string', properties: { p: 'a.int' } }, subject: { user: '"u"' } },
  })
  t.equal(
    show(built(authorization, everything).fields),
    show({
      subject: { user: 'u' },
      action: { path: 'x', properties: { p: { type: 'INT64', value: 2n ** 62n } } },
    }),
  )
  t.same(
    problems({
      template: template('authorization'),
      style: 'compiled',
      params: { subject: 'a.string', action: { pahts: 'a.string' } },
    }),
    ['params.subject INSTANCE_FIELD_TYPE', 'params.action.pahts INSTANCE_UNKNOWN_FIELD'],
  )
})

t.test('An empty text leaves its field unset, but not an entry of a map', async t => {
  const log = compiled({
    template: template('logentry'),
    style: 'compiled',
    params: { severity: '', timestamp: '' },
  })
  t.equal(show(built(log, everything).fields), '{}')
  t.equal(Buffer.from(encoded(log, everything)).toString('latin1').slice(-13), 'i.instance.ns')
  t.same(problems({ template: template('logentry'), style: 'compiled', params: { variables: { x: '' } } }), [
    'params.variables.x INSTANCE_EMPTY_EXPRESSION',
  ])
})

t.test('An instance without params has no fields', async t => {
  for (const params of [undefined, null, {}]) {
    const nothing = compiled({ template: template('checknothing'), style: 'compiled', params })
    t.equal(
      show(built(nothing, everything)),
      '{"fields": {}, "name": "i.instance.ns", "template": "checknothing"}',
    )
  }
})

t.test('A map may be given as one expression, and is recorded as a whole', async t => {
  const quota = compiled({
    template: template('quota'),
    style: 'compiled',
    params: { dimensions: 'a.labels' },
  })
  const bag = bagOf({ 'a.labels': new Map([['k', 'v']]) })
  t.equal(show(built(quota, bag).fields), '{"dimensions": {"k": {"type": "STRING", "value": "v"}}}')
  t.same(bag.references.list(), [{ slot: 10, mapKey: undefined, present: true, wholeMap: true }])
  t.equal(show(decodeInstance(template('quota'), encoded(quota, bag))), show(built(quota, bag)))
  t.equal(show(built(quota, bagOf({ 'a.labels': new Map() })).fields), '{}', 'an empty map is no map')
  t.match(quota.build(bagOf({})), {
    kind: 'absent',
    message: /params\.dimensions: lookup failed: 'a\.labels'/,
  })
  t.same(problems({ template: template('quota'), style: 'compiled', params: { dimensions: 'a.string' } }), [
    'params.dimensions INSTANCE_FIELD_TYPE',
  ])
})

t.test('An expression that fails leaves neither record nor bytes, and says which field', async t => {
  const metric = compiled({
    template: template('metric'),
    style: 'compiled',
    params: { value: '1', dimensions: { 'my.code': 'a.int' } },
  })
  for (const failure of [metric.build(bagOf({})), metric.encode(bagOf({}))]) {
    t.ok(failure instanceof EvalFailure)
    t.match(failure, { kind: 'absent', message: `params.dimensions["my.code"]: lookup failed: 'a.int'` })
  }
  t.ok(encoded(metric, everything).length > 0, 'the next one is not disturbed')
})

t.test('An instant beyond the year 9999 fails alike in every placement', async t => {
  const late = bagOf({ 'a.time': new Instant(253_402_300_800, 0) })
  for (const [name, params] of [
    ['edge', { timestamp: 'a.time' }],
    ['listentry', { value: 'a.time' }],
  ] as const) {
    const instance = compiled({ template: template(name), style: 'compiled', params })
    for (const result of [instance.build(late), instance.encode(late)]) {
      t.match(result, { kind: 'invalid', message: /outside the years 1 to 9999/ })
    }
  }
})

t.test('An instance beyond the largest message fails, and leaves the next one alone', async t => {
  const log = compiled({
    template: template('logentry'),
    style: 'compiled',
    params: { severity: 'a.string' },
  })
  t.match(log.encode(bagOf({ 'a.string': 'x'.repeat(4_194_304) })), {
    kind: 'invalid',
    message: /4194304 bytes/,
  })
  t.equal(encoded(log, everything).length, 3 + 5 + 1 + 13)
})

t.test('Each mistake has its path and code, and all are told at once', async t => {
  t.same(
    problems({
      template: template('metric'),
      style: 'compiled',
      params: {
        value: 1,
        dimensions: { a: true, b: 'a.strin', c: null, d: [], 'e.f': 'a.int +' },
        monitored_resource_type: { x: 'y' },
        monitoredResourceType: '"x"',
        monitored_resource_dimensions: [],
        name: '"x"',
        valu: '1',
      },
    }),
    [
      'params.value INSTANCE_FIELD_TYPE',
      'params.dimensions.a INSTANCE_FIELD_TYPE',
      'params.dimensions.b INSTANCE_EXPRESSION',
      'params.dimensions.d INSTANCE_FIELD_TYPE',
      'params.dimensions["e.f"] INSTANCE_EXPRESSION',
      'params.monitored_resource_type INSTANCE_FIELD_TYPE',
      'params.monitored_resource_dimensions INSTANCE_FIELD_TYPE',
      'params.name INSTANCE_UNKNOWN_FIELD',
      'params.valu INSTANCE_UNKNOWN_FIELD',
    ],
  )
  t.same(problems({ template: template('metric'), style: 'compiled', params: 'x' }), [
    'params INSTANCE_FIELD_TYPE',
  ])
  t.same(problems({ template: template('metric'), style: 'compiled', params: [] }), [
    'params INSTANCE_FIELD_TYPE',
  ])
  t.same(
    problems({
      template: template('metric'),
      style: 'compiled',
      params: { monitoredResourceType: '"x"', monitored_resource_type: '"y"' },
    }),
    ['params.monitored_resource_type INSTANCE_DUPLICATE_FIELD'],
  )
})

t.test('A mistake inside an expression is placed within its text, with the nearest name', async t => {
  const [problem] = found({
    template: template('listentry'),
    style: 'compiled',
    params: { value: 'a.string |\n  a.strng' },
  })
  t.match(problem, {
    at: { line: 2, column: 3 },
    message: /params\.value: unknown attribute a\.strng; did you mean "a\.string"/,
  })
  t.match(found({ template: template('metric'), style: 'compiled', params: { valu: '1' } }), [
    { message: /no field "valu"; did you mean "value"\?/, at: undefined },
  ])
  t.match(found({ template: template('metric'), style: 'compiled', params: { value: 1 } }), [
    { message: /found the number 1; write it in quotes, "1"/ },
  ])
})
