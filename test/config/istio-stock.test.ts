import t from 'tap'
import { AttributeBag } from '../../src/mixer/attributes/index.js'
import { accepted, loadFixture } from './load.js'

t.test("Istio's stock configuration loads unchanged", async t => {
  const { snapshot, counts, notes } = accepted(await loadFixture('istio-stock'))
  t.same(counts, { ...counts, templates: 0, adapters: 0, handlers: 3, instances: 11, rules: 8 })
  t.same(
    [...snapshot.handlers.keys()],
    ['kubernetesenv.handler.istio-system', 'prometheus.handler.istio-system', 'stdio.handler.istio-system'],
  )
  t.same(notes, [])
})

t.test("Istio's stock rules find their requests", async t => {
  const { snapshot } = accepted(await loadFixture('istio-stock'))
  const matching = (phase: 'produce' | 'report', facts: Record<string, unknown>) => {
    const bag = new AttributeBag(snapshot.vocabulary)
    for (const [name, value] of Object.entries(facts)) bag.setByName(name, value)
    return snapshot.rules.match(phase, bag).rules.map(({ name }) => name.split('.')[0])
  }
  t.same(matching('report', { 'context.protocol': 'http' }), ['promhttp', 'stdio'])
  t.same(matching('report', { 'context.protocol': 'http', 'request.useragent': 'kube-probe/1.2' }), ['stdio'])
  t.same(matching('report', { 'context.protocol': 'tcp', 'connection.event': 'open' }), [
    'promtcp',
    'promtcpconnectionopen',
    'stdiotcp',
  ])
  t.same(matching('produce', {}), ['kubeattrgenrulerule'])
})

t.test("an instance of Istio's stock configuration fills in its fields", async t => {
  const { snapshot } = accepted(await loadFixture('istio-stock'))
  const bag = new AttributeBag(snapshot.vocabulary)
  bag.setByName('context.protocol', 'http')
  bag.setByName('response.code', 404)
  const [promhttp] = snapshot.rules.match('report', bag).rules
  const requestcount = promhttp?.actions.report[0]?.instances[0]
  t.equal(requestcount?.name, 'requestcount.instance.istio-system')
  t.match(requestcount?.build(bag), {
    name: 'requestcount.instance.istio-system',
    template: 'metric',
    fields: {
      value: { type: 'INT64', value: 1n },
      dimensions: {
        reporter: { type: 'STRING', value: 'destination' },
        response_code: { type: 'INT64', value: 404n },
        source_app: { type: 'STRING', value: 'unknown' },
      },
    },
  })
})
