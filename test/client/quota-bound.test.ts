import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { settled } from '../support/manual-clock.js'
import { clientOf } from './asking.js'
import { type Said, ScriptedServer, verdict } from './scripted-server.js'

const runs = Number(process.env.OUTBOARD_FUZZ ?? 100)

/** A server with so many units and no more; it gives all or nothing, or for best effort what is left. */
function serverWith(units: number) {
  let left = units
  return new ScriptedServer(({ quotas }): Said => {
    const { amount = '0', best_effort } = quotas.rate ?? {}
    const wanted = Number(amount)
    const granted = best_effort ? Math.min(wanted, left) : wanted <= left ? wanted : 0
    left -= granted
    const rate = { granted_amount: granted, valid_duration: { seconds: 3_600 }, status: {} }
    return { answer: verdict({ valid_duration: null }, { rate }) }
  })
}

const step = fc.record({
  amount: fc.integer({ min: 1, max: 5 }),
  pauseMs: fc.constantFrom(0, 1, 20, 300, 700),
})

t.test('what passes is what the server had, and at most one request more', async t => {
  let exhausted = 0
  await fc.assert(
    fc.asyncProperty(fc.nat(60), fc.array(step, { minLength: 1, maxLength: 60 }), async (units, steps) => {
      const { client, clock } = clientOf(serverWith(units))
      let passed = 0
      for (const { amount, pauseMs } of steps) {
        const outcome = await client.check({}, [{ name: 'rate', amount }])
        if (outcome.allowed) passed += amount
        else exhausted++
        await settled() // what was fetched ahead has arrived
        clock.advance(pauseMs)
      }
      const most = Math.max(...steps.map(({ amount }) => amount))
      assert.ok(passed <= units + most, `${passed} of ${units}`)
    }),
    { numRuns: runs },
  )
  t.ok(exhausted > 0)
})

t.test('everything that the server has can be had', async t => {
  await fc.assert(
    fc.asyncProperty(fc.nat(60), fc.constantFrom(0, 1, 20, 300, 700), async (units, pauseMs) => {
      const { client, clock } = clientOf(serverWith(units))
      let passed = 0
      for (let nth = 0; nth < 80; nth++) {
        if ((await client.check({}, [{ name: 'rate' }])).allowed) passed++
        await settled()
        clock.advance(pauseMs)
      }
      for (let nth = 0; nth < 3; nth++) {
        clock.advance(600)
        if ((await client.check({}, [{ name: 'rate' }])).allowed) passed++
        await settled()
      }
      assert.ok(passed >= units && passed <= units + 1, `${passed} of ${units}`)
    }),
    { numRuns: runs },
  )
  t.pass(`${runs} runs`)
})

t.test('without stock exactly what the server has passes', async t => {
  const { client } = clientOf(serverWith(7), { quotaCells: 0 })
  const passed: boolean[] = []
  for (let nth = 0; nth < 10; nth++) passed.push((await client.check({}, [{ name: 'rate' }])).allowed)
  t.same(passed, [...Array(7).fill(true), ...Array(3).fill(false)])
})
