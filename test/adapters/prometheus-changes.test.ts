import t from 'tap'
import { FakeHost, int, opener, rejection } from './support/fakes.js'
import { count, counter, freshAdapter, samples, scrape, time, urlOf } from './support/metrics.js'

// Handlers are opened before it is known whether their configuration goes into force.

const other = { ...counter, instance_name: 'other.instance.test', name: 'other_total' }
/** The name of `counter`, as another metric. */
const gauge = { ...counter, kind: 'GAUGE' }
const one = { code: int(1) }

/** A handler of `counter` and `other` that has counted one of each. */
async function counting(host = new FakeHost(time)) {
  const adapter = freshAdapter()
  const handler = await adapter.open({ metrics: [counter, other], port: 0 }, host)
  await count(handler, int(1), one)
  await count(handler, int(1), one, other.instance_name)
  return { adapter, handler, host, url: urlOf(host) }
}

t.test('a handler that is closed without having counted leaves the metrics as they were', async t => {
  const { adapter, handler, host, url } = await counting()
  const before = await scrape(url)
  const added = { ...counter, instance_name: 'added.instance.test', name: 'added_total' }
  const refused = await adapter.open({ metrics: [gauge, added], port: 0 }, host)
  t.same((await samples(url)).sort(), before.filter(line => !line.startsWith('#')).sort(), 'while it is open')
  await refused.close()
  t.same(await scrape(url), before)
  await count(handler, int(1), one)
  await count(handler, int(1), one, other.instance_name)
  t.same(await samples(url), ['istio_requests_total{code="1"} 2', 'istio_other_total{code="1"} 2'])
  await handler.close()
})

t.test('a handler takes the place of its predecessor when it counts for the first time', async t => {
  const { adapter, handler, host, url } = await counting()
  const next = await opener(t, adapter)({ metrics: [gauge], port: 0 }, host)
  await count(next, int(7), one)
  t.ok((await scrape(url)).includes('# TYPE istio_requests_total gauge'))
  t.ok((await samples(url)).includes('istio_requests_total{code="1"} 7'))
  await count(handler, int(1), one)
  t.ok(
    (await samples(url)).includes('istio_requests_total{code="1"} 7'),
    'reports that it still had change nothing',
  )
  await handler.close()
  t.same(await samples(url), ['istio_requests_total{code="1"} 7'], 'and what it alone had goes with it')
})

t.test('a handler that counts nothing takes the place of its predecessor when that closes', async t => {
  const { adapter, handler, host, url } = await counting()
  await opener(t, adapter)({ metrics: [gauge], port: 0 }, host)
  await handler.close()
  t.same(
    (await scrape(url)).filter(line => line.startsWith('# TYPE')),
    ['# TYPE istio_requests_total gauge'],
  )
})

t.test('a handler that comes back and is refused takes nothing away from what was kept for it', async t => {
  const { adapter, handler, host } = await counting()
  await handler.close()
  const refused = await adapter.open({ metrics: [gauge], port: 0 }, host)
  await refused.close()
  const later = new FakeHost(time)
  const back = await opener(t, adapter)({ metrics: [counter], port: 0 }, later)
  t.equal((await samples(urlOf(later))).length, 2)
  await count(back, int(1), one)
  t.same(await samples(urlOf(later)), ['istio_requests_total{code="1"} 2'])
})

t.test('a change that is undone while its handlers are still open loses no count', async t => {
  const { adapter, handler, host, url } = await counting()
  const next = await adapter.open({ metrics: [gauge], port: 0 }, host)
  await count(next, int(7), one)
  await count(handler, int(1), one)
  await next.close()
  t.same((await samples(url)).sort(), ['istio_other_total{code="1"} 1', 'istio_requests_total{code="1"} 2'])
  await handler.close()
})

t.test('of several that wait the last one follows, and the others go without a trace', async t => {
  const { adapter, handler, host, url } = await counting()
  const first = await adapter.open({ metrics: [gauge], port: 0 }, host)
  const second = await opener(t, adapter)({ metrics: [counter], port: 0 }, host)
  await handler.close()
  await first.close()
  t.same(await samples(url), ['istio_requests_total{code="1"} 1'])
  await count(second, int(1), one)
  t.same(await samples(url), ['istio_requests_total{code="1"} 2'])
})

t.test('a metric may go from one handler to another in one change', async t => {
  const adapter = freshAdapter()
  const [a, b] = ['a.handler.test', 'b.handler.test'].map(name => new FakeHost(time, name))
  if (a === undefined || b === undefined) throw new Error('expected two hosts')
  const before = await adapter.open({ metrics: [counter], port: 0 }, a)
  await count(before, int(1), one)
  t.match(await rejection(adapter.open({ metrics: [gauge], port: 0 }, b)), { message: /a\.handler\.test/ })
  await opener(t, adapter)({ metrics: [], port: 0 }, a)
  const after = await opener(t, adapter)({ metrics: [gauge], port: 0 }, b)
  await before.close()
  await count(after, int(5), one)
  t.same(await samples(urlOf(b)), ['istio_requests_total{code="1"} 5'])
})
