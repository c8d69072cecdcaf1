import { AdapterError, allow, deny } from '@outboard/adapters-sdk'
import t from 'tap'
import { AttributeCache } from '../../src/cache/index.js'
import { CountingTelemetry } from '../support/counting-telemetry.js'
import { ManualClock } from '../support/manual-clock.js'
import { action, bagOf, handlerSpec, instance, type Script } from './scripted.js'
import { checkRequest, started } from './start.js'

const none = { validForMs: 0, validUses: 0, fromCache: false }
const gone = { kind: 'failed', error: new AdapterError('ADAPTER_UNAVAILABLE', 'gone') } as const

type SpecChange = Parameters<typeof handlerSpec>[1]

function rule(id: string, change: SpecChange, phase: 'check' | 'produce' = 'check') {
  const asked = instance(`i-${id}`, phase === 'check' ? 'CHECK' : 'ATTRIBUTE_GENERATOR')
  return { name: `r-${id}`, actions: [{ phase, action: action(handlerSpec(id, change), asked) }] }
}

/** A host with the cache that it has by default. */
async function cached(scripts: Record<string, Script>, rules: readonly ReturnType<typeof rule>[]) {
  const clock = new ManualClock()
  const cache = new AttributeCache({}, clock, new CountingTelemetry())
  const { engine } = await started(scripts, rules, { cache })
  return { clock, check: () => engine.pin().check(bagOf({ user: 'ann' }), checkRequest()) }
}

// biome-ignore lint/suspicious/noThenProperty: the configuration's own word
const onFailure = { kind: 'cached', maxAgeMs: 600_000, then: 'caller' } as const
const held = { validForMs: 3_600_000, validUses: 2 }

t.test('an answer that the policy recalled is told to be kept by nobody', async t => {
  for (const verdict of [allow(held), deny('PERMISSION_DENIED', 'no', held)]) {
    const change = { cacheable: false, guardWith: { onFailure, breaker: { failures: 0, openMs: 0 } } }
    const { clock, check } = await cached({ h: { check: nth => (nth === 0 ? verdict : gone) } }, [
      rule('h', change),
    ])
    await check()
    for (const age of [0, 599_000]) {
      clock.advance(age)
      t.match(await check(), { kind: 'decided', code: verdict.kind === 'deny' ? 7 : 0, ...none })
    }
    clock.advance(2_000)
    t.match(await check(), { kind: 'undecided' }, 'it is older than maxAge')
  }
})

t.test('an allow that the policy recalled has the headers that came with it', async t => {
  const headers = [{ on: 'request', operation: 'replace', name: 'x-user', value: 'ann' }] as const
  const { check } = await cached({ h: { check: nth => (nth === 0 ? allow({ headers }) : gone) } }, [
    rule('h', { cacheable: false, guardWith: { onFailure } }),
  ])
  await check()
  t.match(await check(), { kind: 'decided', code: 0, directive: { operations: headers } })
})

t.test('the answer of a handler that must not be kept is kept neither here nor by the caller', async t => {
  for (const verdict of [allow(held), allow(), deny('PERMISSION_DENIED', 'no', held)]) {
    const { check } = await cached({ h: { check: () => verdict }, other: { check: () => allow(held) } }, [
      rule('other', {}),
      rule('h', { cacheable: false }),
    ])
    t.match(await check(), none)
    t.match(await check(), none)
  }
})

t.test('the same holds for a handler that produces attributes, and for a policy in its place', async t => {
  const produce = () => ({ output: {}, validForMs: undefined })
  const uncached = await cached({ p: { produce } }, [rule('p', { cacheable: false }, 'produce')])
  t.match(await uncached.check(), none)
  t.match(await uncached.check(), none)
  const open = { guardWith: { onFailure: { kind: 'open' } } } as const
  const { check } = await cached({ p: { produce: () => gone.error } }, [rule('p', open, 'produce')])
  t.match(await check(), { code: 0, ...none })
})
