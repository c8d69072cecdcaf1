import { metrics as sdk } from '@opentelemetry/sdk-node'
import t from 'tap'
import { MetricRegistry } from '../../src/mixer/telemetry/index.js'
import { otelMetrics } from '../../src/mixer/telemetry/opentelemetry.js'

t.test('what is pushed to OpenTelemetry is what is scraped', async t => {
  const exporter = new sdk.InMemoryMetricExporter(sdk.AggregationTemporality.CUMULATIVE)
  const reader = new sdk.PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const provider = new sdk.MeterProvider({ readers: [reader] })
  const registry = new MetricRegistry({
    outboard_asked_total: { kind: 'counter', help: 'Asked.', labels: ['door'] },
    outboard_took_seconds: { kind: 'histogram', help: 'Took.', labels: [], bounds: [1, 2] },
    outboard_waiting: { kind: 'gauge', help: 'Waits.', labels: [] },
  })
  registry.counter('outboard_asked_total', { door: 'early' }).add(2)
  registry.listen(otelMetrics(provider.getMeter('test')))
  registry.counter('outboard_asked_total', { door: 'late' }).add(3)
  registry.histogram('outboard_took_seconds', { door: 'x' }).record(1.5)
  registry.gauge('outboard_waiting', {}, () => 7)
  await reader.forceFlush()
  const found = new Map(
    exporter
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(scope => scope.metrics))
      .map(({ descriptor, dataPoints }) => [
        descriptor.name,
        dataPoints.map(({ attributes, value }) => ({ attributes, value })),
      ]),
  )
  t.same(found.get('outboard_asked_total'), [
    { attributes: { door: 'early' }, value: 2 },
    { attributes: { door: 'late' }, value: 3 },
  ])
  t.same(found.get('outboard_waiting'), [{ attributes: {}, value: 7 }])
  t.match(found.get('outboard_took_seconds'), [
    {
      attributes: { door: 'x' },
      value: { sum: 1.5, count: 1, buckets: { boundaries: [1, 2], counts: [0, 1, 0] } },
    },
  ])
  await provider.shutdown()
})
