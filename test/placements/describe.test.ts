import { serve } from '@outboard/adapters-sdk/serve'
import t from 'tap'
import { contractAdapter } from '../contract/adapter.js'
import { connection, placements, serveContract } from '../contract/serving.js'
import { IstioAdapter } from './support/istio-adapter.js'
import { hello, ScriptedAdapter } from './support/scripted-adapter.js'

/** For those that never answer. */
const quick = () => placements({ timing: { handshakeMs: 200 } })
/** For those that do: a busy machine is no reason to give up. */
const patient = () => placements({ timing: { handshakeMs: 10_000 } })

t.test('an adapter describes itself: name, templates, settings', async t => {
  const served = await serveContract()
  t.teardown(() => served.close())
  const described = await patient().describe(connection(served.address))
  t.equal(described.kind, 'described')
  if (described.kind !== 'described') return
  const [adapter] = described.adapters
  t.match(adapter, { name: 'contract', version: '1.2.3', description: 'Does what it is told' })
  t.same(
    adapter?.templates.map(template => [template.name, template.variety, template.methodPath]),
    contractAdapter.templates.map(template => [template.name, template.variety, template.methodPath]),
  )
  t.same(adapter?.settingsSchema, contractAdapter.settings.jsonSchema)
  t.match(described.process, { name: 'contract', version: '1.2.3' })
})

t.test('a process of several adapters describes each', async t => {
  const other = { ...contractAdapter, name: 'other', templates: contractAdapter.templates.slice(0, 1) }
  const served = await serve([contractAdapter, other], { log: () => {} })
  t.teardown(() => served.close())
  const described = await patient().describe(connection(served.address))
  t.same(
    described.kind === 'described' &&
      described.adapters.map(adapter => [adapter.name, adapter.templates.length]),
    [
      ['contract', 5],
      ['other', 1],
    ],
  )
})

t.test('the first address that answers describes', async t => {
  const served = await serveContract()
  t.teardown(() => served.close())
  const spec = connection('', { addresses: ['unix:/nowhere/at/all', served.address] })
  t.match(await patient().describe(spec), { kind: 'described', address: served.address })
})

t.test('what cannot be described says why', async t => {
  const istio = await IstioAdapter.listen({})
  const mute = await ScriptedAdapter.listen(() => {})
  const odd = await ScriptedAdapter.listen((session, frame) => {
    if (frame.kind !== 'hello') return
    const templates = [{ number: 1, name: 'listentry', descriptorSet: new Uint8Array([1, 2, 3]) }]
    session.send(hello({ templates, adapters: [{ ...hello().adapters[0]!, templates: [1] }] }))
  })
  t.teardown(() => {
    for (const adapter of [istio, mute, odd]) adapter.close()
  })
  const why = (address: string) => quick().describe(connection(address))
  t.match(await why(istio.address), { kind: 'undescribed', unary: true, reason: /no session service/ })
  t.match(await why(mute.address), { kind: 'undescribed', unary: false, reason: /No hello within 200 ms/ })
  t.match(await why(odd.address), { kind: 'undescribed', unary: false, reason: new RegExp(odd.address) })
  t.match(await why('unix:/nowhere/at/all'), { kind: 'undescribed', reason: /ENOENT/ })
  t.match(await why('adapters.example:1'), { kind: 'undescribed', reason: /allowPlaintext/ })
  t.match(await why('nonsense'), { kind: 'undescribed', reason: /must be host:port/ })
})
