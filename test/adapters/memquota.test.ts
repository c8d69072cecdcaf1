import type { FieldRecord, Handler, Value } from '@outboard/adapters-sdk'
import t from 'tap'
import { memquota } from '../../src/adapters/memquota/adapter.js'
import { ConfiguredText } from '../../src/adapters/memquota/equality.js'
import { counterKey } from '../../src/adapters/memquota/key.js'
import {
  callWith,
  double,
  duration,
  FakeHost,
  instanceOf,
  int,
  ip,
  ManualTime,
  opener,
  rejection,
  text,
} from './support/fakes.js'

const name = 'requests.instance.test'
const perSecond = { name, max_amount: 10, valid_duration: '1s' }

let handlers = 0
/** A host whose handler name no other test uses: handlers of one name share their counters. */
function freshHost(time = new ManualTime()): FakeHost {
  return new FakeHost(time, `quota-${++handlers}.handler.test`)
}

function ask(
  handler: Handler,
  amount: number,
  options: { id?: string; bestEffort?: boolean; fields?: FieldRecord; name?: string } = {},
) {
  const instance = instanceOf('quota', options.name ?? name, options.fields ?? {})
  return handler.quota(
    instance,
    { amount: BigInt(amount), bestEffort: options.bestEffort ?? false },
    callWith(options.id ?? ''),
  )
}

const dimensions = (values: Record<string, Value>): FieldRecord => ({ dimensions: values })

t.test('memquota grants, exhausts and refills a window; exhaustion is a grant of nothing', async t => {
  const host = freshHost()
  const handler = await opener(t, memquota)({ quotas: [perSecond] }, host)
  t.same(await ask(handler, 10), { kind: 'granted', amount: 10n, validForMs: 1_000 })
  t.same(await ask(handler, 1), { kind: 'granted', amount: 0n, validForMs: 0 })
  t.same(await ask(handler, 0), { kind: 'granted', amount: 0n, validForMs: 0 })
  host.time.advance(1_000)
  t.same(await ask(handler, 12, { bestEffort: true }), { kind: 'granted', amount: 10n, validForMs: 1_000 })
  t.same(
    await ask(handler, -4),
    { kind: 'granted', amount: 4n, validForMs: 0 },
    'a release says what came back',
  )
  t.same(await ask(handler, 4), { kind: 'granted', amount: 4n, validForMs: 1_000 })
})

t.test('memquota answers a repeated id as before, with the time that remains', async t => {
  const host = freshHost()
  const handler = await opener(t, memquota)({ quotas: [{ ...perSecond, valid_duration: '3s' }] }, host)
  t.match(await ask(handler, 10, { id: 'a' }), { amount: 10n, validForMs: 3_000 })
  host.time.advance(600)
  t.match(await ask(handler, 10, { id: 'a' }), { amount: 10n, validForMs: 2_400 })
  t.match(await ask(handler, 1, { id: 'b' }), { amount: 0n })
  t.match(await ask(handler, -10, { id: 'c' }), { amount: 10n })
  t.match(await ask(handler, -10, { id: 'c' }), { amount: 10n }, 'a release is not repeated either')
  t.match(await ask(handler, 1, { id: 'b' }), { amount: 0n }, 'nor is a refusal asked again')
  t.match(await ask(handler, 10, { id: 'd' }), { amount: 10n })
  host.time.advance(2_000)
  t.match(
    await ask(handler, 1, { id: 'b' }),
    { amount: 0n, validForMs: 0 },
    'forgotten, and charged to a full window',
  )
})

t.test('memquota deduplicates only requests that have an id of their own', async t => {
  const handler = await opener(t, memquota)({ quotas: [perSecond] }, freshHost())
  for (const id of ['', '', 'requests', 'Requests'])
    t.match(await ask(handler, 2, { id }), { amount: 2n }, `id "${id}"`)
  t.match(await ask(handler, 2, { id: 'x-requests' }), { amount: 2n })
  t.match(await ask(handler, 2, { id: 'x-requests' }), { amount: 2n })
  t.match(await ask(handler, 1), { amount: 0n }, 'ten were charged in all')
})

t.test('memquota charges two instances of one short name separately, also under one id', async t => {
  const other = { ...perSecond, name: 'requests.instance.elsewhere' }
  const handler = await opener(t, memquota)({ quotas: [perSecond, other] }, freshHost())
  t.match(await ask(handler, 10, { id: 'a' }), { amount: 10n })
  t.match(await ask(handler, 10, { id: 'a', name: other.name }), { amount: 10n })
  t.match(await ask(handler, 1, { id: 'b', name: other.name }), { amount: 0n })
})

t.test(
  'memquota counts each set of dimensions by itself, and takes the first override that matches',
  async t => {
    const quota = {
      ...perSecond,
      overrides: [
        { dimensions: { user: 'eve' }, max_amount: 0 },
        { dimensions: { user: 'vip', port: '8080' }, max_amount: 100, valid_duration: '1s' },
        { dimensions: { user: '' }, max_amount: 1, valid_duration: '1s' },
      ],
    }
    const handler = await opener(t, memquota)({ quotas: [quota] }, freshHost())
    const table: [Record<string, Value>, bigint][] = [
      [{ user: text('ann') }, 10n],
      [{ user: text('bob') }, 10n],
      [{ user: text('eve') }, 0n],
      [{ user: text('vip'), port: int(8080) }, 100n],
      [{ user: text('vip'), port: int(80) }, 10n],
      [{}, 1n],
    ]
    for (const [values, expected] of table) {
      t.match(await ask(handler, 1_000, { bestEffort: true, fields: dimensions(values) }), {
        amount: expected,
      })
    }
  },
)

t.test('an override without a duration never refills, as upstream', async t => {
  const host = freshHost()
  const quota = { ...perSecond, overrides: [{ dimensions: { user: 'u' }, max_amount: 3 }] }
  const handler = await opener(t, memquota)({ quotas: [quota] }, host)
  const fields = dimensions({ user: text('u') })
  t.same(await ask(handler, 3, { fields }), { kind: 'granted', amount: 3n, validForMs: 0 })
  host.time.advance(1e9)
  t.match(await ask(handler, 1, { fields }), { amount: 0n })
})

t.test('memquota keeps its counters when the handler is opened anew with other settings', async t => {
  const host = freshHost()
  const before = await memquota.open({ quotas: [perSecond] }, host)
  t.match(await ask(before, 10, { id: 'a' }), { amount: 10n })
  const after = await opener(t, memquota)({ quotas: [{ ...perSecond, max_amount: 15 }] }, host)
  await before.close()
  t.match(await ask(after, 10, { id: 'a' }), { amount: 10n }, 'the repetition is known')
  t.match(await ask(after, 9, { bestEffort: true }), { amount: 5n }, 'ten are charged, the new limit holds')
})

t.test('memquota forgets its counters with the last handler of the name', async t => {
  const host = freshHost()
  const before = await memquota.open({ quotas: [perSecond] }, host)
  t.match(await ask(before, 10), { amount: 10n })
  await before.close()
  await before.close()
  const after = await opener(t, memquota)({ quotas: [perSecond] }, host)
  t.match(await ask(after, 10), { amount: 10n })
})

t.test('memquota fails, and does not grant, when there are more counters than it may hold', async t => {
  const handler = await opener(t, memquota)({ quotas: [perSecond], maxCounters: 5 }, freshHost())
  for (let i = 0; i < 5; i++)
    t.match(await ask(handler, 1, { fields: dimensions({ user: int(i) }) }), { amount: 1n })
  t.match(await ask(handler, 1, { id: 'x', fields: dimensions({ user: int(5) }) }), {
    kind: 'failed',
    error: { code: 'ADAPTER_OVERLOADED' },
  })
})

t.test('memquota fails for an instance without a limit', async t => {
  const handler = await opener(t, memquota)({ quotas: [perSecond] }, freshHost())
  t.match(await ask(handler, 1, { name: 'other.instance.test' }), {
    kind: 'failed',
    error: { code: 'ADAPTER_UNCONFIGURED', message: /"other\.instance\.test"/ },
  })
})

t.test('memquota refuses settings that cannot work, with their paths', async t => {
  const host = freshHost()
  host.instances = [
    { name, template: 'quota' },
    { name: 'log.instance.test', template: 'logentry' },
  ]
  const cases: [unknown, RegExp][] = [
    [{}, /^quotas: needs an entry for "requests\.instance\.test"/],
    [{ quotas: [perSecond, perSecond] }, /^quotas\[1\]\.name: .*twice/],
    [{ quotas: [perSecond], min_deduplication_duration: '0s' }, /^minDeduplicationDuration: /],
    [{ quotas: [{ ...perSecond, max_amount: -1 }] }, /^quotas\[0\]\.maxAmount: /],
    [{ quotas: [{ ...perSecond, valid_duration: 5 }] }, /^quotas\[0\]\.validDuration: /],
  ]
  for (const [settings, message] of cases)
    t.match(await rejection(memquota.open(settings, host)), { message })
})

t.test('ConfiguredText reads itself as the type of the value', async t => {
  const time: Value = { type: 'TIMESTAMP', value: { seconds: 0, nanos: 0 } }
  const table: [string, Value | undefined, boolean][] = [
    ['', undefined, true],
    ['x', undefined, false],
    ['8', int(8), true],
    ['+8', int(8), true],
    ['8.0', int(8), false],
    ['8.0', double(8), true],
    ['8', text('8'), true],
    ['T', { type: 'BOOL', value: true }, true],
    ['no', { type: 'BOOL', value: false }, false],
    ['1m', duration(60_000_000_000n), true],
    ['1970-01-01T01:00:00+01:00', time, true],
    ['1970-01-01T00:00:01Z', time, false],
    ['10.0.0.1', ip(10, 0, 0, 1), true],
    ['a=1', { type: 'STRING_MAP', value: { a: '1' } }, true],
    ['A@b.c', { type: 'EMAIL_ADDRESS', value: 'a@b.c' }, false],
  ]
  for (const [configured, value, expected] of table) {
    t.equal(new ConfiguredText(configured).equals(value), expected, `"${configured}" and ${value?.type}`)
  }
})

t.test('counterKey differs whenever a dimension differs, and does not depend on their order', async t => {
  const key = (values: Record<string, Value>) => counterKey(instanceOf('quota', name, dimensions(values)))
  const different = [
    key({}),
    key({ a: text('') }),
    key({ a: text('1') }),
    key({ a: int(1) }),
    key({ a: double(1) }),
    key({ a: text('x;b=y') }),
    key({ a: text('x'), b: text('y') }),
    key({ a: { type: 'STRING_MAP', value: { k: 'v&w=x' } } }),
    key({ a: { type: 'STRING_MAP', value: { k: 'v', w: 'x' } } }),
    key({ a: text('l'.repeat(500)) }),
    key({ a: text('l'.repeat(501)) }),
  ]
  t.equal(new Set(different).size, different.length)
  t.equal(key({ a: text('1'), b: text('2') }), key({ b: text('2'), a: text('1') }))
  t.ok(key({ a: text('l'.repeat(100_000)) }).length < 250, 'long dimensions are not kept')
})
