import t from 'tap'
import {
  istioFamilies,
  MetricRegistry,
  metricDefinitions,
  renderPrometheus,
} from '../../src/mixer/telemetry/index.js'

t.test('dispatches are offered under Istio’s names, added up over what it does not tell apart', async t => {
  const metrics = new MetricRegistry(metricDefinitions)
  const labels = { handler: 'h', adapter: 'a', verb: 'check' }
  const calls = (placement: string, outcome: string, count: number) =>
    metrics.counter('outboard_handler_calls_total', { ...labels, placement, outcome }).add(count)
  calls('session', 'allow', 3)
  calls('session', 'deny', 2)
  calls('unary', 'allow', 1)
  calls('session', 'ADAPTER_TIMEOUT', 5)
  metrics.histogram('outboard_handler_duration_seconds', { ...labels, placement: 'session' }).record(0.002)
  metrics.histogram('outboard_handler_duration_seconds', { ...labels, placement: 'unary' }).record(0.2)
  const scrape = renderPrometheus({ families: () => istioFamilies(metrics.families()) })
  const istio = 'meshFunction="check",handler="h",adapter="a"'
  t.match(scrape, `mixer_runtime_dispatches_total{${istio},error="false"} 6\n`)
  t.match(scrape, `mixer_runtime_dispatches_total{${istio},error="true"} 5\n`)
  t.match(scrape, `mixer_runtime_dispatch_duration_seconds_count{${istio}} 2\n`)
  t.match(scrape, `mixer_runtime_dispatch_duration_seconds_bucket{${istio},le="0.0025"} 1\n`)
})

t.test('without handlers there is nothing under Istio’s names', async t => {
  t.same(istioFamilies(new MetricRegistry(metricDefinitions).families()), [])
})
