import t from 'tap'
import { type MetricDefinition, MetricRegistry, renderPrometheus } from '../../src/mixer/telemetry/index.js'

const definitions: Record<string, MetricDefinition> = {
  asked_total: { kind: 'counter', help: 'Questions asked.', labels: ['door'] },
  took_seconds: { kind: 'histogram', help: 'Time.', labels: [], bounds: [0.01, 0.1] },
  waiting: { kind: 'gauge', help: 'Things that\nwait \\ here.', labels: ['queue'] },
}

t.test('a counter with the same labels is the same counter, in whatever order they stand', async t => {
  const metrics = new MetricRegistry({})
  metrics.counter('x_total', { a: '1', b: '2' }).add(2)
  metrics.counter('x_total', { b: '2', a: '1' }).add(3)
  t.match(renderPrometheus(metrics), 'x_total{a="1",b="2"} 5')
})

t.test('a counter never falls', async t => {
  const metrics = new MetricRegistry(definitions)
  const counter = metrics.counter('asked_total')
  counter.add(4)
  counter.add(-3)
  counter.add(Number.NaN)
  t.match(renderPrometheus(metrics), 'asked_total 4\n')
})

t.test('the scrape is the Prometheus text format, with everything escaped that must be', async t => {
  const metrics = new MetricRegistry(definitions)
  metrics.counter('asked_total', { door: 'a"b\\c\nd' }).add(1)
  const histogram = metrics.histogram('took_seconds')
  for (const seconds of [0.005, 0.01, 0.05, 3]) histogram.record(seconds)
  metrics.gauge('waiting', { queue: 'q' }, () => Number.POSITIVE_INFINITY)
  t.equal(
    renderPrometheus(metrics),
    [
      '# HELP asked_total Questions asked.',
      '# TYPE asked_total counter',
      'asked_total{door="a\\"b\\\\c\\nd"} 1',
      '# HELP took_seconds Time.',
      '# TYPE took_seconds histogram',
      'took_seconds_bucket{le="0.01"} 2',
      'took_seconds_bucket{le="0.1"} 3',
      'took_seconds_bucket{le="+Inf"} 4',
      'took_seconds_sum 3.065',
      'took_seconds_count 4',
      '# HELP waiting Things that\\nwait \\\\ here.',
      '# TYPE waiting gauge',
      'waiting{queue="q"} +Inf',
      '',
    ].join('\n'),
  )
})

t.test('a gauge that was stopped is no longer scraped, and does not stop its successor', async t => {
  const metrics = new MetricRegistry(definitions)
  const stopFirst = metrics.gauge('waiting', { queue: 'q' }, () => 1)
  const stopSecond = metrics.gauge('waiting', { queue: 'q' }, () => 2)
  stopFirst()
  t.match(renderPrometheus(metrics), 'waiting{queue="q"} 2')
  stopSecond()
  t.equal(renderPrometheus(metrics), '')
})

t.test('beyond the bound on series, what is new is counted together', async t => {
  const metrics = new MetricRegistry(definitions, { maxSeries: 2 })
  for (const door of ['a', 'b', 'c', 'd', 'a']) metrics.counter('asked_total', { door }).add(1)
  const lines = renderPrometheus(metrics).split('\n')
  t.ok(lines.includes('asked_total{door="a"} 2'))
  t.ok(lines.includes('asked_total{overflow="true"} 2'))
  t.equal(lines.filter(line => line.startsWith('asked_total')).length, 3)
})

t.test('a listener hears of every family and histogram, also of later ones', async t => {
  const metrics = new MetricRegistry(definitions)
  metrics.histogram('took_seconds')
  const heard: string[] = []
  metrics.listen({
    family: family => heard.push(family.name),
    histogram: (family, series) => {
      series.listener = value => heard.push(`${family.name} ${value}`)
    },
  })
  metrics.counter('asked_total')
  metrics.histogram('took_seconds').record(2)
  t.same(heard, ['took_seconds', 'asked_total', 'took_seconds 2'])
})
