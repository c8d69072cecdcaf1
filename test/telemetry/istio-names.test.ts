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

t.test('what a configuration holds, and what is wrong with it, is offered under Istio’s names', async t => {
  const metrics = new MetricRegistry(metricDefinitions)
  for (const [kind, count] of Object.entries({ attribute: 90, handler: 3, rule: 5, other: 1 }))
    metrics.gauge('outboard_config_resources', { kind }, () => count)
  for (const [kind, count] of Object.entries({ rule: 2, attribute: 4 }))
    metrics.gauge('outboard_config_resource_problems', { kind }, () => count)
  const scrape = renderPrometheus({ families: () => istioFamilies(metrics.families()) })
  t.same(
    scrape.split('\n').filter(line => line !== '' && !line.startsWith('#')),
    [
      'mixer_config_attributes_total 90',
      'mixer_config_handler_configs_total 3',
      'mixer_config_rule_configs_total 5',
      'mixer_config_rule_config_errors_total 2',
    ],
  )
})
