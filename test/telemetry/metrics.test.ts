import t from 'tap'
import { type MetricDefinition, MetricRegistry, renderPrometheus } from '../../src/mixer/telemetry/index.js'

const definitions: Record<string, MetricDefinition> = {
  outboard_asked_total: { kind: 'counter', help: 'Questions asked.', labels: ['door'] },
  outboard_took_seconds: { kind: 'histogram', help: 'Time.', labels: [], bounds: [0.01, 0.1] },
  outboard_waiting: { kind: 'gauge', help: 'Things that\nwait \\ here.', labels: ['queue'] },
}

t.test('a counter with the same labels is the same counter, in whatever order they stand', async t => {
  const metrics = new MetricRegistry({})
  metrics.counter('outboard_x_total', { a: '1', b: '2' }).add(2)
  metrics.counter('outboard_x_total', { b: '2', a: '1' }).add(3)
  t.match(renderPrometheus(metrics), 'outboard_x_total{a="1",b="2"} 5')
})

t.test('a room may leave the prefix and a counter’s ending out', async t => {
  const metrics = new MetricRegistry({})
  metrics.counter('door_requests').add(1)
  metrics.counter('outboard_door_requests_total').add(1)
  metrics.gauge('door_streams', {}, () => 3)
  metrics.counter('mixer_things').add(1)
  const scrape = renderPrometheus(metrics)
  t.match(scrape, /^outboard_door_requests_total 2$/m)
  t.match(scrape, /^outboard_door_streams 3$/m)
  t.match(scrape, /^mixer_things_total 1$/m)
})

t.test('a counter never falls', async t => {
  const metrics = new MetricRegistry(definitions)
  const counter = metrics.counter('outboard_asked_total')
  counter.add(4)
  counter.add(-3)
  counter.add(Number.NaN)
  t.match(renderPrometheus(metrics), 'outboard_asked_total 4\n')
})

t.test('the scrape is the Prometheus text format, with everything escaped that must be', async t => {
  const metrics = new MetricRegistry(definitions)
  metrics.counter('outboard_asked_total', { door: 'a"b\\c\nd' }).add(1)
  const histogram = metrics.histogram('outboard_took_seconds')
  for (const seconds of [0.005, 0.01, 0.05, 3]) histogram.record(seconds)
  metrics.gauge('outboard_waiting', { queue: 'q' }, () => Number.POSITIVE_INFINITY)
  t.equal(
    renderPrometheus(metrics),
    [
      '# HELP outboard_asked_total Questions asked.',
      '# TYPE outboard_asked_total counter',
      'outboard_asked_total{door="a\\"b\\\\c\\nd"} 1',
      '# HELP outboard_took_seconds Time.',
      '# TYPE outboard_took_seconds histogram',
      'outboard_took_seconds_bucket{le="0.01"} 2',
      'outboard_took_seconds_bucket{le="0.1"} 3',
      'outboard_took_seconds_bucket{le="+Inf"} 4',
      'outboard_took_seconds_sum 3.065',
      'outboard_took_seconds_count 4',
      '# HELP outboard_waiting Things that\\nwait \\\\ here.',
      '# TYPE outboard_waiting gauge',
      'outboard_waiting{queue="q"} +Inf',
      '',
    ].join('\n'),
  )
})

t.test('a gauge that was stopped is no longer scraped, and does not stop its successor', async t => {
  const metrics = new MetricRegistry(definitions)
  const stopFirst = metrics.gauge('outboard_waiting', { queue: 'q' }, () => 1)
  const stopSecond = metrics.gauge('outboard_waiting', { queue: 'q' }, () => 2)
  stopFirst()
  t.match(renderPrometheus(metrics), 'outboard_waiting{queue="q"} 2')
  stopSecond()
  t.equal(renderPrometheus(metrics), '')
})

t.test('beyond the bound on series, what is new is counted together', async t => {
  const metrics = new MetricRegistry(definitions, { maxSeries: 2 })
  for (const door of ['a', 'b', 'c', 'd', 'a']) metrics.counter('outboard_asked_total', { door }).add(1)
  const lines = renderPrometheus(metrics).split('\n')
  t.ok(lines.includes('outboard_asked_total{door="a"} 2'))
  t.ok(lines.includes('outboard_asked_total{overflow="true"} 2'))
  t.equal(lines.filter(line => line.startsWith('outboard_asked_total')).length, 3)
})

t.test('a listener hears of every family and histogram, also of later ones', async t => {
  const metrics = new MetricRegistry(definitions)
  metrics.histogram('outboard_took_seconds')
  const heard: string[] = []
  metrics.listen({
    family: family => heard.push(family.name),
    histogram: (family, series) => {
      series.listener = value => heard.push(`${family.name} ${value}`)
    },
  })
  metrics.counter('outboard_asked_total')
  metrics.histogram('outboard_took_seconds').record(2)
  t.same(heard, ['outboard_took_seconds', 'outboard_asked_total', 'outboard_took_seconds 2'])
})
