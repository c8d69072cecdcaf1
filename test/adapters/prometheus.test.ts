import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Adapter, Handler, Value } from '@outboard/adapters-sdk'
import t from 'tap'
import { makePrometheus } from '../../src/adapters/prometheus/adapter.js'
import { Exporters } from '../../src/adapters/prometheus/exporters.js'
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

const time = new ManualTime()

/** An adapter with exporters of its own. */
function freshAdapter(on = time): Adapter {
  const exporters = new Exporters()
  return makePrometheus(on, async () => exporters)
}

function urlOf(host: FakeHost): string {
  const url = host.logged
    .map(line => /serving metrics at (\S+)/.exec(line)?.[1])
    .find(found => found !== undefined)
  if (url === undefined) throw new Error('the handler named no address')
  return url
}

/** The lines of a scrape, without those of the adapter's own metric. */
async function scrape(url: string): Promise<string[]> {
  const response = await fetch(url)
  const all = (await response.text()).split('\n')
  return all.filter(line => line !== '' && !line.includes('outboard_prometheus_adapter'))
}

const samples = async (url: string) => (await scrape(url)).filter(line => !line.startsWith('#'))

const counter = {
  instance_name: 'requests.instance.test',
  name: 'requests_total',
  kind: 'COUNTER',
  label_names: ['code'],
}

function count(
  handler: Handler,
  value: Value | undefined,
  dimensions: Record<string, Value> = {},
  name = counter.instance_name,
) {
  return handler.report([instanceOf('metric', name, { ...(value && { value }), dimensions })], callWith())
}

/** A handler on a port of its own, and where its metrics are. */
async function open(
  t: { teardown(fn: () => unknown): unknown },
  metrics: unknown[],
  more: Record<string, unknown> = {},
) {
  const host = new FakeHost(time)
  const handler = await opener(t, freshAdapter())({ metrics, port: 0, ...more }, host)
  return { handler, host, url: urlOf(host) }
}

t.test('counters add, gauges set and distributions observe', async t => {
  const { handler, url } = await open(t, [
    { ...counter, description: 'Requests' },
    { instance_name: 'load.instance.test', namespace: 'app', name: 'load', kind: 'GAUGE' },
    {
      instance_name: 'size.instance.test',
      kind: 'DISTRIBUTION',
      label_names: ['code'],
      buckets: { linear_buckets: { num_finite_buckets: 2, width: 10, offset: 5 } },
    },
  ])
  await count(handler, int(2), { code: int(200) })
  await count(handler, int(3), { code: int(200) })
  await count(handler, int(1), { code: int(500) })
  await count(handler, double(0.5), {}, 'load.instance.test')
  await count(handler, double(0.25), {}, 'load.instance.test')
  for (const size of [5, 6, 15, 26])
    await count(handler, int(size), { code: text('a') }, 'size.instance.test')
  t.same(await scrape(url), [
    '# HELP istio_requests_total Requests',
    '# TYPE istio_requests_total counter',
    'istio_requests_total{code="200"} 5',
    'istio_requests_total{code="500"} 1',
    '# HELP app_load app_load',
    '# TYPE app_load gauge',
    'app_load 0.25',
    '# HELP istio_size_instance_test istio_size_instance_test',
    '# TYPE istio_size_instance_test histogram',
    'istio_size_instance_test_bucket{le="5",code="a"} 1',
    'istio_size_instance_test_bucket{le="15",code="a"} 3',
    'istio_size_instance_test_bucket{le="25",code="a"} 3',
    'istio_size_instance_test_bucket{le="+Inf",code="a"} 4',
    'istio_size_instance_test_sum{code="a"} 52',
    'istio_size_instance_test_count{code="a"} 4',
  ])
})

t.test('buckets are linear, exponential, explicit, or those of the client libraries', async t => {
  const table: [unknown, number[]][] = [
    [undefined, [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]],
    [{ explicit_buckets: { bounds: [1, 2.5] } }, [1, 2.5]],
    [{ explicitBuckets: { bounds: [] } }, [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]],
    [{ linear_buckets: { num_finite_buckets: 3, width: 2 } }, [0, 2, 4, 6]],
    [{ exponential_buckets: { num_finite_buckets: 3, growth_factor: 2, scale: 0.5 } }, [0.5, 1, 2, 4]],
  ]
  for (const [buckets, expected] of table) {
    const { handler, url } = await open(t, [{ ...counter, kind: 'DISTRIBUTION', label_names: [], buckets }])
    await count(handler, int(1))
    const bounds = (await samples(url)).flatMap(line => /le="([0-9.]+)"/.exec(line)?.[1] ?? [])
    t.same(bounds.map(Number), expected)
  }
})

t.test('values are numbers, durations in seconds and numeric texts; others are refused', async t => {
  const { handler, url } = await open(t, [{ ...counter, kind: 'GAUGE' }])
  const table: [string, Value | undefined, number | undefined][] = [
    ['int', int(7), 7],
    ['double', double(-0.5), -0.5],
    ['duration', duration(1_500_000_000n), 1.5],
    ['text', text('1e3'), 1_000],
    ['no number', text('12ms'), undefined],
    ['empty', text(''), undefined],
    ['missing', undefined, undefined],
    ['nan', double(Number.NaN), undefined],
    ['infinite', double(Infinity), undefined],
    ['bool', { type: 'BOOL', value: true }, undefined],
  ]
  for (const [code, value] of table) await count(handler, value, { code: text(code) })
  const expected = table.flatMap(([code, , n]) =>
    n === undefined ? [] : [`istio_requests_total{code="${code}"} ${n}`],
  )
  t.same(await samples(url), expected)
})

t.test('labels are printed as text of their type, and escaped', async t => {
  const { handler, url } = await open(t, [{ ...counter, label_names: ['a', 'b', 'c', 'd'] }])
  await count(handler, int(1), {
    d: ip(10, 0, 0, 1),
    c: { type: 'STRING_MAP', value: { y: '2', x: '1' } },
    b: duration(20_000_000n),
    a: text('q"\\\n'),
  })
  t.same(await samples(url), [
    String.raw`istio_requests_total{a="q\"\\\n",b="20ms",c="x=1&y=2",d="10.0.0.1"} 1`,
  ])
})

t.test('label values that look like label separators stay series of their own', async t => {
  const { handler, url } = await open(t, [{ ...counter, label_names: ['a', 'b'] }])
  await count(handler, int(1), { a: text('1,b:2'), b: text('3') })
  await count(handler, int(1), { a: text('1'), b: text('2,b:3') })
  t.equal((await samples(url)).length, 2)
})

t.test(
  'an instance that cannot be counted harms no other of its batch, and is counted by reason',
  async t => {
    const { handler, host, url } = await open(t, [counter], { max_series_per_metric: 2 })
    const one = (name: string, dimensions: Record<string, Value>, value = int(1)) =>
      instanceOf('metric', name, { value, dimensions })
    const good = counter.instance_name
    const batch = [
      one(good, { code: int(200) }),
      one(good, {}),
      one(good, { code: int(200), more: int(1) }),
      one(good, { kode: int(200) }),
      one('unknown.instance.test', {}),
      one(good, { code: int(200) }, text('x')),
      one(good, { code: int(200) }, int(-1)),
      one(good, { code: text('x'.repeat(5_000)) }),
      one(good, { code: int(500) }),
      one(good, { code: int(503) }),
      one(good, { code: int(200) }),
    ]
    t.equal(await handler.report(batch, callWith()), undefined)
    t.same(await samples(url), ['istio_requests_total{code="200"} 2', 'istio_requests_total{code="500"} 1'])
    const all = await (await fetch(url)).text()
    const refused = all
      .split('\n')
      .filter(line => line.startsWith('outboard_prometheus_adapter_refused_total{'))
    const labels = (reason: string, instance = good) =>
      `{handler="h.handler.test",instance="${instance}",reason="${reason}"}`
    t.same(
      refused.sort(),
      [
        `outboard_prometheus_adapter_refused_total${labels('label-mismatch')} 3`,
        `outboard_prometheus_adapter_refused_total${labels('label-too-long')} 1`,
        `outboard_prometheus_adapter_refused_total${labels('negative-counter')} 1`,
        `outboard_prometheus_adapter_refused_total${labels('not-a-number')} 1`,
        `outboard_prometheus_adapter_refused_total${labels('series-limit')} 1`,
        `outboard_prometheus_adapter_refused_total${labels('unknown-instance', 'unknown.instance.test')} 1`,
      ].sort(),
    )
    t.equal(host.logged.filter(line => line.startsWith('warn: did not count')).length, 8)
  },
)

t.test('names are made safe: of metrics, labels and dimensions alike', async t => {
  const { handler, url } = await open(t, [
    { instance_name: '/a.b-c/d e.instance', kind: 'COUNTER', label_names: ['source.ip', 'x-y'] },
  ])
  await count(handler, int(1), { 'source.ip': text('s'), 'x-y': text('t') }, '/a.b-c/d e.instance')
  await count(handler, int(1), { source_ip: text('s'), xy: text('t') }, '/a.b-c/d e.instance')
  await count(handler, int(1), { 'source.ip': text('s'), source_ip: text('t') }, '/a.b-c/d e.instance')
  t.same(await samples(url), ['istio_a_bc_d_e_instance{source_ip="s",xy="t"} 2'])
})

t.test('counters survive the rebuild of their handler, and its absence', async t => {
  const adapter = freshAdapter()
  const host = new FakeHost(time)
  const settings = { metrics: [counter], port: 0 }
  const before = await adapter.open(settings, host)
  await count(before, int(1), { code: int(1) })
  const after = await adapter.open({ ...settings, metrics: [{ ...counter, description: 'new' }] }, host)
  await count(before, int(1), { code: int(1) })
  await count(after, int(1), { code: int(1) })
  await before.close()
  t.same(await samples(urlOf(host)), ['istio_requests_total{code="1"} 3'])
  await after.close()
  const later = new FakeHost(time)
  const again = await opener(t, adapter)(settings, later)
  await count(again, int(1), { code: int(1) })
  t.same(await samples(urlOf(later)), ['istio_requests_total{code="1"} 4'])
})

t.test('a changed definition resets that metric only, and a metric that was taken away goes', async t => {
  const adapter = freshAdapter()
  const host = new FakeHost(time)
  const other = { ...counter, instance_name: 'other.instance.test', name: 'other_total' }
  const third = { ...counter, instance_name: 'third.instance.test', name: 'third_total' }
  const before = await adapter.open({ metrics: [counter, other, third], port: 0 }, host)
  for (const { instance_name } of [counter, other, third])
    await count(before, int(5), { code: int(1) }, instance_name)
  const changed = { ...counter, label_names: ['code', 'zone'] }
  const after = await opener(t, adapter)({ metrics: [changed, other], port: 0 }, host)
  await before.close()
  t.same(await samples(urlOf(host)), ['istio_other_total{code="1"} 5'])
  await count(after, int(1), { code: int(1), zone: text('z') })
  t.same((await samples(urlOf(host))).sort(), [
    'istio_other_total{code="1"} 5',
    'istio_requests_total{code="1",zone="z"} 1',
  ])
})

t.test('handlers of one port share a listener and metrics; the last one closes it', async t => {
  const adapter = freshAdapter()
  const hosts = ['a.handler.test', 'b.handler.test'].map(name => new FakeHost(time, name))
  const [one, two] = await Promise.all(hosts.map(host => adapter.open({ metrics: [counter], port: 0 }, host)))
  if (one === undefined || two === undefined) throw new Error('expected two handlers')
  await Promise.all([count(one, int(1), { code: int(1) }), count(two, int(1), { code: int(1) })])
  const urls = hosts.map(urlOf)
  t.equal(urls[0], urls[1])
  await one.close()
  await one.close()
  t.same(await samples(urls[1] ?? ''), ['istio_requests_total{code="1"} 2'])
  await two.close()
  t.match(await rejection(fetch(urls[1] ?? '')), { message: 'fetch failed' })
})

t.test(
  'a name that another open handler exposes differently is refused, until that handler has gone',
  async t => {
    const adapter = freshAdapter()
    const first = await adapter.open({ metrics: [counter], port: 0 }, new FakeHost(time, 'a.handler.test'))
    const settings = { metrics: [{ ...counter, label_names: ['zone'] }], port: 0 }
    const host = new FakeHost(time, 'b.handler.test')
    t.match(await rejection(adapter.open(settings, host)), {
      message: /^metrics\[0\]\.name: "istio_requests_total" is exposed by handler "a\.handler\.test"/,
    })
    await first.close()
    const second = await opener(t, adapter)(settings, host)
    await count(second, int(1), { zone: text('z') })
    t.same(await samples(urlOf(host)), ['istio_requests_total{zone="z"} 1'])
  },
)

t.test('series that are not written expire; those that are stay', async t => {
  const own = new ManualTime()
  const host = new FakeHost(own)
  const policy = { metrics_expiry_duration: '10s' }
  const handler = await opener(t, freshAdapter(own))(
    { metrics: [counter], port: 0, metrics_expiration_policy: policy },
    host,
  )
  await count(handler, int(1), { code: int(1) })
  await count(handler, int(1), { code: int(2) })
  own.advance(6_000)
  await count(handler, int(1), { code: int(2) })
  own.advance(3_999)
  t.equal((await samples(urlOf(host))).length, 2)
  own.advance(1)
  t.same(await samples(urlOf(host)), ['istio_requests_total{code="2"} 2'])
  own.advance(6_000)
  t.same(await samples(urlOf(host)), [])
  await count(handler, int(1), { code: int(2) })
  t.same(
    await samples(urlOf(host)),
    ['istio_requests_total{code="2"} 1'],
    'a series that comes back begins anew',
  )
  await handler.close()
  t.equal(own.pending, 0)
})

t.test('expired series make room without a scrape', async t => {
  const own = new ManualTime()
  const host = new FakeHost(own)
  const policy = { metrics_expiry_duration: '5s', expiry_check_interval_duration: '1s' }
  const settings = {
    metrics: [counter],
    port: 0,
    max_series_per_metric: 10,
    metrics_expiration_policy: policy,
  }
  const handler = await opener(t, freshAdapter(own))(settings, host)
  for (let i = 0; i < 50; i++) {
    await count(handler, int(1), { code: int(i) })
    own.advance(1_000)
  }
  t.notMatch(host.logged.join('\n'), /series-limit/)
})

t.test('the listener answers GET and HEAD at /metrics, and nothing else', async t => {
  const { url } = await open(t, [counter])
  const table: [string, string, number][] = [
    ['GET', url, 200],
    ['HEAD', url, 200],
    ['GET', `${url}?name[]=x`, 200],
    ['POST', url, 405],
    ['GET', url.replace('/metrics', '/'), 404],
    ['GET', url.replace('/metrics', '/metrics/x'), 404],
  ]
  for (const [method, target, status] of table) {
    const response = await fetch(target, { method })
    t.equal(response.status, status, `${method} ${target}`)
    if (status === 200) t.match(response.headers.get('content-type'), /^text\/plain; version=0\.0\.4/)
    await response.text()
  }
  t.equal(new URL(url).hostname, '127.0.0.1', 'this machine only, unless told otherwise')
})

t.test('a port that is taken is refused with its path, and can be had later', async t => {
  const squatter = createServer()
  squatter.listen(0, '127.0.0.1')
  await once(squatter, 'listening')
  const address = squatter.address()
  if (address === null || typeof address === 'string') throw new Error('expected a port')
  const adapter = freshAdapter()
  const settings = { metrics: [counter], port: address.port }
  t.match(await rejection(adapter.open(settings, new FakeHost(time))), {
    message: /^port: cannot be listened on: .*EADDRINUSE/,
  })
  squatter.close()
  await once(squatter, 'close')
  const host = new FakeHost(time)
  await opener(t, adapter)(settings, host)
  t.equal(new URL(urlOf(host)).port, `${address.port}`)
})

t.test('prometheus refuses settings that cannot work, with their paths', async t => {
  const metric = (more: object) => ({ metrics: [{ ...counter, ...more }], port: 0 })
  const cases: [unknown, RegExp][] = [
    [metric({ kind: 'UNSPECIFIED' }), /^metrics\[0\]\.kind: /],
    [metric({ kind: undefined }), /^metrics\[0\]\.kind: is required/],
    [metric({ name: 'a:b%' }), /^metrics\[0\]\.name: /],
    [metric({ label_names: ['1a'] }), /^metrics\[0\]\.labelNames\[0\]: /],
    [metric({ label_names: ['a.b', 'a_b'] }), /^metrics\[0\]\.labelNames\[1\]: .*twice/],
    [metric({ kind: 'DISTRIBUTION', label_names: ['le'] }), /^metrics\[0\]\.labelNames\[0\]: /],
    [
      metric({ buckets: { explicit_buckets: { bounds: [2, 1] } } }),
      /^metrics\[0\]\.buckets\.explicitBuckets\.bounds: /,
    ],
    [metric({ buckets: { linear_buckets: { num_finite_buckets: 0, width: 1 } } }), /numFiniteBuckets: /],
    [{ metrics: [counter, counter], port: 0 }, /^metrics\[1\]\.instanceName: .*twice/],
    [
      { metrics: [counter, { ...counter, instance_name: 'x', label_names: [] }], port: 0 },
      /^metrics\[1\]\.name: .*twice/,
    ],
    [
      { metrics_expiration_policy: { metrics_expiry_duration: '0s' } },
      /^metricsExpirationPolicy\.metricsExpiryDuration: /,
    ],
    [{ port: 65_536 }, /^port: /],
  ]
  for (const [settings, message] of cases)
    t.match(await rejection(freshAdapter().open(settings, new FakeHost(time))), { message })
})

t.test('two instances may share a metric of one name and shape', async t => {
  const twin = { ...counter, instance_name: 'twin.instance.test' }
  const { handler, url } = await open(t, [counter, twin])
  await count(handler, int(1), { code: int(1) })
  await count(handler, int(1), { code: int(1) }, twin.instance_name)
  t.same(await samples(url), ['istio_requests_total{code="1"} 2'])
})
