import type { Value } from '@outboard/adapters-sdk'
import t from 'tap'
import { callWith, double, duration, instanceOf, int, ip, text } from './support/fakes.js'
import { count, counter, open, samples, scrape } from './support/metrics.js'

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

t.test('two instances may share a metric of one name and shape', async t => {
  const twin = { ...counter, instance_name: 'twin.instance.test' }
  const { handler, url } = await open(t, [counter, twin])
  await count(handler, int(1), { code: int(1) })
  await count(handler, int(1), { code: int(1) }, twin.instance_name)
  t.same(await samples(url), ['istio_requests_total{code="1"} 2'])
})

t.test('dimensions that come again count for their own series, however many others came between', async t => {
  const other = { ...counter, instance_name: 'other.instance.test', name: 'other_total' }
  const { handler, url } = await open(t, [counter, other])
  // What cannot change is remembered with its labels, a limited number of it; a host gives it for both metrics.
  const all = Array.from({ length: 600 }, (_, i) => Object.freeze({ code: int(i) }))
  for (const dimensions of [...all, ...all.slice(0, 3), ...all]) {
    await count(handler, int(1), dimensions)
    await count(handler, int(2), dimensions, other.instance_name)
  }
  const expected = all.map((_, i) => (i < 3 ? 3 : 2))
  t.same(
    (await samples(url)).sort(),
    expected
      .flatMap((times, i) => [
        `istio_requests_total{code="${i}"} ${times}`,
        `istio_other_total{code="${i}"} ${2 * times}`,
      ])
      .sort(),
  )
})

t.test('dimensions that were changed since count for what they are now', async t => {
  const { handler, url } = await open(t, [counter])
  const dimensions = { code: int(1) }
  await count(handler, int(1), dimensions)
  dimensions.code = int(2)
  await count(handler, int(1), dimensions)
  t.same(await samples(url), ['istio_requests_total{code="1"} 1', 'istio_requests_total{code="2"} 1'])
})
