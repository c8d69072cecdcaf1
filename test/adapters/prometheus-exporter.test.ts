import { once } from 'node:events'
import { createServer } from 'node:http'
import t from 'tap'
import { FakeHost, int, ManualTime, opener, rejection, text } from './support/fakes.js'
import { count, counter, freshAdapter, open, samples, time, urlOf } from './support/metrics.js'

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
