import t from 'tap'
import { kubernetesenv } from '../../src/adapters/kubernetesenv/adapter.js'
import { noop } from '../../src/adapters/noop/adapter.js'
import { callWith, FakeHost, instanceOf, opener } from './support/fakes.js'

t.test('noop allows, grants and forgets for 10^9 seconds', async t => {
  const handler = await opener(t, noop)({})
  t.match(await handler.check(instanceOf('checknothing', 'a.b.c'), callWith()), {
    kind: 'allow',
    caching: { kind: 'valid', forMs: 1e12, uses: 1e9 },
  })
  const request = { amount: 7n, bestEffort: false }
  t.same(await handler.quota(instanceOf('quota', 'a.b.c'), request, callWith()), {
    kind: 'granted',
    amount: 7n,
    validForMs: 1e12,
  })
  t.equal(await handler.report([instanceOf('metric', 'a.b.c')], callWith()), undefined)
})

t.test('noop takes every built-in template of Mixer', async t => {
  for (const name of [
    'authorization',
    'checknothing',
    'reportnothing',
    'listentry',
    'logentry',
    'metric',
    'quota',
    'tracespan',
  ])
    t.ok(
      noop.templates.some(template => template.name === name),
      name,
    )
})

t.test('kubernetesenv takes Istio’s settings, finds nothing, and says so once', async t => {
  const host = new FakeHost()
  const handler = await opener(t, kubernetesenv)(
    { kubeconfig_path: '', cache_refresh_duration: '5m', cluster_registries_namespace: 'istio-system' },
    host,
  )
  const instance = instanceOf('kubernetes', 'attributes.kubernetes.istio-system', {
    source_uid: 'kubernetes://a.b',
    destination_port: 80n,
  })
  for (let i = 0; i < 3; i++) t.same((await handler.produce(instance, callWith())).output, {})
  t.match(host.logged, [/^warn: kubernetesenv does not connect to a cluster/])
})
