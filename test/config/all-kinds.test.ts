import t from 'tap'
import { ownKinds, templateKinds } from '../../src/mixer/config/decode/kinds.js'
import { readFolder } from '../../src/mixer/config/index.js'
import { accepted, adapters, fixtures, loadFixture } from './load.js'

t.test('a folder with a document of every kind loads', async t => {
  const { snapshot, counts, notes } = accepted(await loadFixture('all-kinds'))
  t.match(counts, { templates: 2, adapters: 1, handlers: 10, instances: 14, rules: 4 })
  t.equal(snapshot.handlers.size, 10)
  t.same(
    notes.map(({ message }) => message.split(':')[0]),
    ['ignored', 'count.rule.shop'],
  )
})

t.test('the folder leaves no kind out', async t => {
  const sources = await readFolder(`${fixtures}/all-kinds`)
  const text = sources.map(source => ('text' in source ? source.text : '')).join('\n')
  const kinds = new Set([...text.matchAll(/^kind: (\w+)$/gm)].map(([, kind]) => kind))
  const wanted = [...ownKinds, ...templateKinds, ...adapters.keys()]
  t.same(
    wanted.filter(kind => !kinds.has(kind)),
    [],
  )
})

t.test('a handler is complete: what is written, and defaults for the rest', async t => {
  const { snapshot } = accepted(await loadFixture('all-kinds'))
  t.match(snapshot.handlers.get('second-gate.handler.istio-system'), {
    displayName: 'second-gate.handler.istio-system',
    adapter: 'second-gate',
    placement: 'session',
    cacheable: false,
    settingsAny: undefined,
    connection: {
      addresses: ['unix:///run/gate.sock', 'dns:///gates:7070'],
      timeoutMs: undefined,
      peerNames: ['spiffe://cluster.local/ns/gates/sa/gate'],
      allowPlaintext: true,
      authentication: {
        kind: 'tls',
        caCertificates: '/keys/ca.pem',
        serverName: 'gate',
        token: { source: 'file', path: '/keys/token', header: { kind: 'authorization-bearer' } },
      },
    },
    guard: {
      deadlineMs: 250,
      maxConcurrency: 64,
      breaker: { failures: 5, openMs: 2_000 },
      // biome-ignore lint/suspicious/noThenProperty: the contract's word
      onFailure: { kind: 'cached', maxAgeMs: 600_000, then: 'closed' },
      report: { maxItems: 50, maxBytes: 65_536, maxAgeMs: 500, maxQueued: 1_000 },
    },
    instances: [{ name: 'caller.listentry.istio-system', template: 'listentry' }],
  })
  t.match(snapshot.handlers.get('gate.handler.istio-system'), {
    adapter: 'parcelgate.adapter.istio-system',
    placement: 'auto',
    cacheable: true,
    settingsAny: { typeUrl: 'type.googleapis.com/parcelgate.config.Params' },
    guard: { deadlineMs: 2_000, onFailure: { kind: 'caller' }, maxConcurrency: 1_024 },
  })
  t.match(snapshot.handlers.get('console.handler.shop'), {
    displayName: 'console.shop',
    adapter: 'stdio',
    placement: 'in-process',
    settings: { output_as_json: true, metricLevel: 'WARNING' },
  })
  t.equal(snapshot.handlers.get('older.denier.istio-system')?.displayName, 'older.denier.istio-system')
})

t.test('a rule is complete: actions by phase, header operations with the outputs of its actions', async t => {
  const { rules } = accepted(await loadFixture('all-kinds'))
  const weigh = rules.find(({ name }) => name === 'weigh.rule.istio-system')
  t.match(weigh, { priority: 10, enforcement: 'enforce', onMatchFailure: 'fail' })
  t.same(
    weigh?.actions.check.map(({ name, handler }) => [name, handler.id]),
    [
      ['w', 'gate.handler.istio-system'],
      ['', 'second-gate.handler.istio-system'],
    ],
  )
  t.equal(weigh?.actions.produce.length, 1)
  t.same([...(weigh?.actions.check[0]?.outputSlots.keys() ?? [])], ['class', 'express'])
  t.equal(weigh?.headerVocabulary.slot('w.output.class'), weigh?.actions.check[0]?.outputSlots.get('class'))
  t.same(
    weigh?.headerOperations.map(({ on, operation, name, value }) => [on, operation, name, value?.text]),
    [
      ['request', 'replace', 'x-parcel-class', 'w.output.class | "none"'],
      ['request', 'remove', 'x-internal', undefined],
      ['response', 'append', 'x-seen', '"1"'],
      ['response', 'append', 'x-seen', 'request.id | ""'],
    ],
  )
})
