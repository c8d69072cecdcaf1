import { allow } from '@outboard/adapters-sdk'
import t from 'tap'
import { AttributeCache, resolveCacheOptions } from '../../src/cache/index.js'
import { CountingTelemetry } from '../support/counting-telemetry.js'
import { ManualClock } from '../support/manual-clock.js'
import { bagOf, vocabulary } from './arbitrary.js'
import { evaluated } from './world.js'

const scope = { revision: 'r', snapshotId: 0 }

async function fill(cache: AttributeCache, from: number, count: number, padding = '') {
  let asked = 0
  for (let nth = from; nth < from + count; nth++) {
    const bag = bagOf([`${padding}${nth}`])
    await cache.check(scope, bag, async () => {
      asked++
      bag.read(0)
      return evaluated('', bag, [], 1_000, -1)
    })
  }
  return asked
}

t.test(
  'the cache holds at most its entries, the least recently used go first, and they are counted',
  async t => {
    const telemetry = new CountingTelemetry()
    const cache = new AttributeCache({ maxEntries: 100 }, new ManualClock(), telemetry)
    await fill(cache, 0, 150)
    t.equal(cache.explain().entries, 100)
    t.equal(telemetry.count('outboard_cache_evictions_total', { tier: 'memory', reason: 'full' }), 50)
    t.equal(await fill(cache, 50, 100), 0, 'the last hundred are there')
    t.equal(await fill(cache, 0, 1), 1, 'the first is gone')
  },
)

t.test('the cache holds at most its bytes', async t => {
  const cache = new AttributeCache({ maxBytes: 100_000 }, new ManualClock(), new CountingTelemetry())
  await fill(cache, 0, 200, 'x'.repeat(5_000))
  const { bytes, entries } = cache.explain()
  t.ok(bytes <= 100_000)
  t.ok(entries < 20)
})

t.test('the cache tries at most so many shapes', async t => {
  const cache = new AttributeCache({ maxShapes: 4 }, new ManualClock(), new CountingTelemetry())
  const keys = Array.from({ length: 20 }, (_, nth) => `key-${nth}`)
  const mapSlot = vocabulary.slot('a.map') ?? 0
  for (const key of keys) {
    const bag = bagOf([])
    bag.set(mapSlot, new Map([[key, 'v']]))
    await cache.check(scope, bag, async () => {
      bag.readKey(mapSlot, key)
      return evaluated(key, bag, [], 1_000, -1)
    })
  }
  t.ok(cache.explain().shapes.length <= 4)
})

t.test('the verdicts of handlers have a bound of their own', async t => {
  const telemetry = new CountingTelemetry()
  const cache = new AttributeCache({ maxVerdicts: 10 }, new ManualClock(), telemetry)
  for (let nth = 0; nth < 25; nth++)
    await cache.verdict(
      scope,
      { id: 'h', signature: 's' },
      Buffer.from(`${nth}`),
      { answerBy: Number.POSITIVE_INFINITY, abandon: undefined },
      async () => allow({ validForMs: 9 }),
    )
  t.equal(telemetry.count('outboard_cache_evictions_total', { tier: 'verdicts', reason: 'full' }), 15)
})

t.test('a bound that is no positive integer is refused', async t => {
  t.throws(() => resolveCacheOptions({ maxEntries: 0 }), { message: /maxEntries must be a positive integer/ })
  t.throws(() => resolveCacheOptions({ maxBytes: 1.5 }), RangeError)
})

t.test('expired answers are not given, and are counted as expired', async t => {
  const telemetry = new CountingTelemetry()
  const clock = new ManualClock()
  const cache = new AttributeCache({}, clock, telemetry)
  await fill(cache, 0, 1)
  clock.advance(999)
  t.equal(await fill(cache, 0, 1), 0)
  clock.advance(1)
  t.equal(await fill(cache, 0, 1), 1)
  t.equal(telemetry.count('outboard_cache_evictions_total', { tier: 'memory', reason: 'expired' }), 1)
})

t.test('it names the attribute that splits it most, and says what to do', async t => {
  const cache = new AttributeCache({}, new ManualClock(), new CountingTelemetry())
  for (let nth = 0; nth < 300; nth++) {
    const bag = bagOf([`/items/${nth}`, nth % 3])
    await cache.check(scope, bag, async () => {
      bag.read(0)
      bag.read(1)
      return evaluated('', bag, [], 1_000, -1)
    })
  }
  const { splits, shapes } = cache.explain()
  t.match(splits[0], { attribute: 'a.string', values: 300, entries: 300, advice: /nearly as many values/ })
  t.match(splits[1], { attribute: 'a.int', values: 3, advice: undefined })
  t.same(shapes, [{ looksAt: ['a.string', 'a.int'], entries: 300 }])
})

t.test('beyond so many withdrawn handlers everything is withdrawn', async t => {
  const cache = new AttributeCache({}, new ManualClock(), new CountingTelemetry())
  await fill(cache, 0, 1)
  for (let nth = 0; nth < 10_000; nth++) cache.invalidate(`gone-${nth}`, undefined)
  t.equal(await fill(cache, 0, 1), 0, 'no handler of its own was withdrawn')
  cache.invalidate('one-more', undefined)
  t.equal(await fill(cache, 0, 1), 1)
  t.equal(await fill(cache, 0, 1), 0, 'and what is kept since holds')
})
