import { allow } from '@outboard/adapters-sdk'
import t from 'tap'
import { AttributeCache } from '../../src/cache/index.js'
import { action, bagOf, handlerSpec, instance, type Script } from '../engine/scripted.js'
import { checkRequest, started } from '../engine/start.js'
import { CountingTelemetry } from '../support/counting-telemetry.js'
import { ManualClock } from '../support/manual-clock.js'

async function cached(script: Script) {
  const cache = new AttributeCache({}, new ManualClock(), new CountingTelemetry())
  const actions = [{ phase: 'check' as const, action: action(handlerSpec('h'), instance('i', 'CHECK')) }]
  const { engine, handler } = await started({ h: script }, [{ name: 'r', actions }], { cache })
  const check = (user: string) => engine.pin().check(bagOf({ user }), checkRequest())
  return { check, handler }
}

t.test('callers are told what is left of an answer that is kept', async t => {
  const { check, handler } = await cached({ check: () => allow({ validForMs: 100_000, validUses: 100 }) })
  t.match(await check('ann'), { fromCache: false, validUses: 100 })
  for (let left = 99; left >= 0; left--) t.match(await check('ann'), { fromCache: true, validUses: left })
  t.equal(handler('h').asked, 1)
  t.match(await check('ann'), { fromCache: false, validUses: 100 })
})

t.test('one verdict object for all questions has a budget for each of them', async t => {
  const constant = allow({ validForMs: 100_000, validUses: 3 })
  const { check, handler } = await cached({ check: () => constant })
  await check('eve') // from now on both begin with a known shape, and are asked side by side
  await Promise.all(['ann', 'bob'].map(check))
  for (let nth = 0; nth < 3; nth++) await check('ann')
  t.equal(handler('h').asked, 3, 'three uses beside the first')
  await check('ann')
  t.equal(handler('h').asked, 4)
  t.same(constant, allow({ validForMs: 100_000, validUses: 3 }), 'the adapter’s object is left as it was')
})
