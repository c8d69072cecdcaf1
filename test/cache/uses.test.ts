import { allow, type Verdict } from '@outboard/adapters-sdk'
import { MixerClient, type Transport } from '@outboard/adapters-sdk/client'
import t, { type Test } from 'tap'
import { AttributeCache } from '../../src/cache/index.js'
import { mixerService } from '../../src/mixer/doors/mixer/service.js'
import { connected } from '../doors/serving.js'
import { action, bagOf, handlerSpec, instance } from '../engine/scripted.js'
import { checkRequest, started } from '../engine/start.js'
import { CountingTelemetry } from '../support/counting-telemetry.js'
import { ManualClock } from '../support/manual-clock.js'

const path = '/istio.mixer.v1.Mixer/Check'
const user = { user: { type: 'STRING', value: 'ann' } } as const

/** A host whose handler always says the same, and clients that ask it through the Mixer door. */
async function host(t: Test, verdict: Verdict, cached: 'cached' | 'not-cached') {
  let asked = 0
  let calls = 0
  const cache = new AttributeCache({}, new ManualClock(), new CountingTelemetry())
  const rule = {
    name: 'r',
    actions: [{ phase: 'check' as const, action: action(handlerSpec('h'), instance('i', 'CHECK')) }],
  }
  const check = () => {
    asked++
    return verdict
  }
  const { engine, telemetry, clock } = await started(
    { h: { check } },
    [rule],
    cached === 'cached' ? { cache } : {},
  )
  const door = await connected(t, { kind: 'http2', services: [mixerService({ engine, telemetry, clock })] })
  const transport: Transport = {
    check: async bytes => {
      calls++
      const { message } = await door.call(path, Buffer.from(bytes), {})
      if (message === undefined) throw new TypeError('no answer')
      return { kind: 'answer', bytes: message }
    },
    report: () => Promise.reject(new TypeError('not asked for')),
    close: () => {},
  }
  return {
    engine,
    client: () => new MixerClient({ transport }),
    /** How many requests, by one client after the other, pass until the handler is asked again; and their calls. */
    async passed(clients: readonly MixerClient[]) {
      asked = 0
      calls = 0
      for (let passed = 0; passed < 20_000; passed++) {
        await clients[passed % clients.length]?.check(user)
        if (asked > 1) return { passed, calls: calls - 1 }
      }
      return { passed: Number.POSITIVE_INFINITY, calls }
    },
  }
}

t.test('a verdict is used by the host and by those who keep it as often as the adapter said', async t => {
  for (const validUses of [5, 100, 1_000])
    for (const count of [1, 5]) {
      const { client, passed } = await host(t, allow({ validForMs: 100_000, validUses }), 'cached')
      const found = await passed(Array.from({ length: count }, client))
      // What one client was lent and another might have used is lost, never used twice.
      t.ok(found.passed <= 1 + validUses, `${validUses} uses, ${count} clients: ${found.passed}`)
      if (count === 1) t.equal(found.passed, 1 + validUses, `${validUses} uses, one client`)
      if (validUses === 1_000) t.ok(found.calls < 150, `they still answer most: ${found.calls} calls`)
    }
})

t.test('without a cache all uses are the caller’s, and without a limit they are without one', async t => {
  const verdict = allow({ validForMs: 100_000, validUses: 5 })
  const uncached = await host(t, verdict, 'not-cached')
  t.same(await uncached.passed([uncached.client()]), { passed: 6, calls: 1 })
  const unlimited = await host(t, allow({ validForMs: 100_000 }), 'cached')
  await unlimited.client().check(user)
  t.match(await unlimited.passed([unlimited.client()]), { calls: 1 })
})

t.test('when nobody said how often, callers are told the default each time', async t => {
  const { engine } = await host(t, allow(), 'cached')
  const check = () => engine.pin().check(bagOf({ user: 'ann' }), checkRequest())
  t.match(await check(), { fromCache: false, validUses: 10_000, lender: undefined })
  t.match(await check(), { fromCache: true, validUses: 10_000, lender: undefined })
})

t.test('callers that keep nothing take nothing', async t => {
  const { engine } = await host(t, allow({ validForMs: 100_000, validUses: 100 }), 'cached')
  const check = () => engine.pin().check(bagOf({ user: 'ann' }), checkRequest())
  for (let nth = 0; nth < 101; nth++) t.match(await check(), { fromCache: nth > 0 })
  t.match(await check(), { fromCache: false })
})

t.test(
  'an answer that is evaluated each time, for a rule in shadow, lends from the verdicts in it',
  async t => {
    const script = { check: () => allow({ validForMs: 100_000, validUses: 100 }) }
    const cache = new AttributeCache({}, new ManualClock(), new CountingTelemetry())
    const of = (id: string) => [
      { phase: 'check' as const, action: action(handlerSpec(id), instance(`i-${id}`, 'CHECK')) },
    ]
    const rules = [
      { name: 'r', actions: of('h') },
      { name: 's', rule: { enforcement: 'shadow' as const }, actions: of('s') },
    ]
    const { engine, handler } = await started({ h: script, s: script }, rules, { cache })
    const check = async () => {
      const answer = await engine.pin().check(bagOf({ user: 'ann' }), checkRequest())
      return answer.kind === 'decided' ? answer.lender?.lend() : undefined
    }
    t.equal(await check(), 6, 'a sixteenth of 100')
    t.equal(await check(), 5, 'a sixteenth of 93')
    t.equal(handler('h').asked, 1)
  },
)

t.test('one verdict object for all questions has a budget for each of them', async t => {
  const constant = allow({ validForMs: 100_000, validUses: 3 })
  const cache = new AttributeCache({}, new ManualClock(), new CountingTelemetry())
  const actions = [{ phase: 'check' as const, action: action(handlerSpec('h'), instance('i', 'CHECK')) }]
  const rules = [{ name: 'r', actions }]
  const { engine, handler } = await started({ h: { check: () => constant } }, rules, { cache })
  const check = (user: string) => engine.pin().check(bagOf({ user }), checkRequest())
  await check('eve') // from now on both begin with a known shape, and are asked side by side
  await Promise.all(['ann', 'bob'].map(check))
  for (let nth = 0; nth < 3; nth++) await check('ann')
  t.equal(handler('h').asked, 3, 'three uses beside the first')
  await check('ann')
  t.equal(handler('h').asked, 4)
  t.same(constant, allow({ validForMs: 100_000, validUses: 3 }), 'the adapter’s object is left as it was')
})
