import fc from 'fast-check'
import t from 'tap'
import { AttributeCache } from '../../src/cache/index.js'
import { silent } from '../../src/mixer/telemetry/index.js'
import { ManualClock } from '../support/manual-clock.js'
import { bagOf, values } from './arbitrary.js'
import { policy, World } from './world.js'

const runs = { numRuns: Number(process.env.OUTBOARD_FUZZ ?? 150) }
const scope = { revision: 'r', snapshotId: 0 }

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('check' as const), bag: fc.nat(5) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(1, 9, 10, 99, 200) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('withdraw' as const),
      handler: fc.constantFrom('h1', 'h2'),
      key: fc.constantFrom(undefined, 'k1', 'k2'),
    }),
  },
)

t.test('a cached answer equals the one that asking again would give', async t => {
  let hits = 0
  await fc.assert(
    fc.asyncProperty(
      policy,
      fc.array(values, { minLength: 6, maxLength: 6 }),
      fc.array(step, { minLength: 10, maxLength: 40 }),
      async (rules, bags, steps) => {
        const clock = new ManualClock()
        const cache = new AttributeCache({}, clock, silent)
        const world = new World()
        for (const one of steps)
          switch (one.kind) {
            case 'pass':
              clock.advance(one.ms)
              break
            case 'withdraw':
              // The adapter's mind changes only together with a withdrawal; else its validity is its word.
              world.change(one.handler, one.key)
              cache.invalidate(one.handler, one.key)
              break
            case 'check': {
              const given = bags[one.bag] ?? []
              const bag = bagOf(given)
              const { answer } = await cache.check(scope, bag, async () => world.evaluate(rules, bag))
              const again = world.evaluate(rules, bagOf(given)).answer
              if (answer.kind !== 'decided' || again.kind !== 'decided') return false
              if (answer.fromCache) hits++
              if (answer.message !== again.message || answer.validForMs > again.validForMs) return false
            }
          }
        return true
      },
    ),
    runs,
  )
  t.ok(hits > runs.numRuns, `it was answered from memory ${hits} times, so the test says something`)
})

t.test('an answer is used as often as it may be, and not once more', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 1, max: 30 }), async (uses, times) => {
      const cache = new AttributeCache({}, new ManualClock(), silent)
      const world = new World()
      let asked = 0
      for (let nth = 0; nth < times; nth++) {
        const bag = bagOf([])
        await cache.check(scope, bag, async () => {
          asked++
          return world.evaluate({ kind: 'answer', handler: 'h1', cacheKeys: [], forMs: 1_000, uses }, bag)
        })
      }
      return asked === Math.ceil(times / (uses + 1))
    }),
    runs,
  )
})
