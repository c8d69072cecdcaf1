import {
  AdapterError,
  allow,
  builtinTemplate,
  defineAdapter,
  encodeInstance,
  settings,
} from '@outboard/adapters-sdk'
import { serve } from '@outboard/adapters-sdk/serve'
import t, { type Test } from 'tap'
import { ManualClock } from '../support/manual-clock.js'
import { calls, check, configure } from './support/memory-session.js'
import { hello, RawHost, unary } from './support/raw-host.js'
import { field } from './support/wire.js'

const adapter = defineAdapter({
  name: 'fragile',
  version: '1',
  description: '',
  templates: ['listentry'],
  settings: settings.object({ opens: settings.boolean({ default: true }) }),
  open({ opens }) {
    if (!opens) throw new Error('the door is stuck')
    return {
      check({ fields: { value } }) {
        const text = typeof value === 'object' && 'value' in value ? value.value : 'nothing'
        if (text === 'allow') return allow()
        if (text === 'away') throw new AdapterError('ADAPTER_UNAVAILABLE', 'the list is away')
        throw new RangeError(`fell over ${String(text)}`)
      },
    }
  },
})

async function started(t: Test) {
  const lines: string[] = []
  const clock = new ManualClock()
  const served = await serve(adapter, { log: line => lines.push(line), session: { clock } })
  t.teardown(() => served.close())
  return { served, lines: () => lines.splice(0), clock }
}

t.test('What a handler throws is on the adapter’s own log with its stack, a few times a second', async t => {
  const { served, lines, clock } = await started(t)
  const host = new RawHost(served.address)
  t.teardown(() => host.cut())
  host.send(hello, configure(1, 1, {}), configure(2, 1, { opens: false }))
  await host.expect('hello')
  const told = [await host.next(), await host.next()].map(frame => frame.kind)
  t.same(told.sort(), ['ready', 'refused'])
  t.match(lines(), [/^Serving/, /^Error: the door is stuck\n {4}at .*crash-log/])
  host.send(calls(check(1, 'away'), check(2, 'allow'), check(3, 'a stone')))
  await host.expect('results')
  t.match(lines(), [
    /^Handler "h1.handler.ns" threw: fell over a stone\nRangeError: fell over a stone\n {4}at .*crash-log/,
  ])
  host.send(calls(...Array.from({ length: 20 }, (_, i) => check(i + 4, 'a twig'))))
  await host.expect('results')
  t.equal(lines().length, 3, 'two of this second were written before')
  clock.advance(1_000)
  host.send(calls(check(30, 'a leaf')))
  await host.expect('results')
  t.match(lines(), [/fell over a leaf[\s\S]*\(17 lines were left out before\)$/])
})

t.test('Also when a unary caller asked', async t => {
  const { served, lines } = await started(t)
  const listentry = builtinTemplate('listentry')
  if (listentry === undefined) throw new Error('listentry is gone')
  const instance = encodeInstance(listentry, { name: 'i.instance.ns', template: 'listentry', fields: {} })
  await t.rejects(unary(served.address, listentry.methodPath, field(1, instance)), { code: 2 })
  t.match(lines(), [/^Serving/, /fell over nothing\nRangeError: fell over nothing\n {4}at/])
  await t.rejects(unary(served.address, listentry.methodPath, Buffer.from([0x0a, 0xff])), { code: 3 })
  t.same(lines(), [], 'a request that is none is nobody’s crash')
})
