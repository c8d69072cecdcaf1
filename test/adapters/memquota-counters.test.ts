import fc from 'fast-check'
import t from 'tap'
import { Counters, type Limit } from '../../src/adapters/memquota/counters.js'
import { DedupMemory } from '../../src/adapters/memquota/dedup.js'
import { RollingWindow, SlotBudget } from '../../src/adapters/memquota/window.js'

const start = 1_700_000_000_000
const many = 1_000

/** Asks and answers the units that were granted. */
function ask(counters: Counters, amount: bigint, limit: Limit, nowMs: number, bestEffort = false, key = 'k') {
  const allocation = counters.allocate(key, { amount, bestEffort }, limit, nowMs, many)
  return allocation.kind === 'granted' ? allocation.amount : allocation.kind
}

t.test('Counters give a window’s units back when their tick leaves it', async t => {
  const limit = { maxAmount: 10n, windowMs: 1_000 }
  const counters = new Counters()
  t.equal(ask(counters, 6n, limit, start), 6n)
  t.equal(ask(counters, 5n, limit, start + 500), 0n, 'all or nothing')
  t.equal(ask(counters, 5n, limit, start + 500, true), 4n, 'best effort takes what is left')
  t.equal(ask(counters, 1n, limit, start + 999), 0n)
  t.equal(ask(counters, 7n, limit, start + 1_000), 0n, 'only the first six are back')
  t.equal(ask(counters, 6n, limit, start + 1_000), 6n)
  t.equal(ask(counters, 4n, limit, start + 1_500), 4n)
})

t.test('Counters round windows up to whole seconds and tell the configured validity', async t => {
  const table: [number, number][] = [
    [500, 1_000],
    [1_000, 1_000],
    [1_500, 2_000],
  ]
  for (const [windowMs, backAfterMs] of table) {
    const limit = { maxAmount: 1n, windowMs }
    const counters = new Counters()
    const first = counters.allocate('k', { amount: 1n, bestEffort: false }, limit, start, many)
    t.same(first, { kind: 'granted', amount: 1n, validForMs: windowMs })
    t.equal(ask(counters, 1n, limit, start + backAfterMs - 1), 0n, `${windowMs} ms: not yet`)
    t.equal(ask(counters, 1n, limit, start + backAfterMs), 1n, `${windowMs} ms: back`)
  }
})

t.test('Counters state the validity of a refusal as upstream does', async t => {
  const limit = { maxAmount: 0n, windowMs: 2_000 }
  const counters = new Counters()
  const plain = counters.allocate('k', { amount: 1n, bestEffort: false }, limit, start, many)
  const best = counters.allocate('k', { amount: 1n, bestEffort: true }, limit, start, many)
  t.same(plain, { kind: 'granted', amount: 0n, validForMs: 0 })
  t.same(best, { kind: 'granted', amount: 0n, validForMs: 2_000 })
  t.equal(counters.size, 0, 'a refusal makes no counter')
})

t.test('Counters release a window’s newest units first, and at most what is in use', async t => {
  const limit = { maxAmount: 10n, windowMs: 1_000 }
  const counters = new Counters()
  ask(counters, 4n, limit, start)
  ask(counters, 4n, limit, start + 500)
  t.equal(counters.release('k', 5n, limit, start + 500), 5n)
  t.equal(ask(counters, 8n, limit, start + 999), 0n)
  t.equal(ask(counters, 7n, limit, start + 999), 7n, 'three of the oldest are still charged')
  t.equal(ask(counters, 3n, limit, start + 1_000), 3n, 'and come back with their own tick')
  t.equal(counters.release('k', 100n, limit, start + 1_000), 10n)
  t.equal(counters.size, 0, 'a window that holds nothing is forgotten')
  t.equal(counters.release('k', 1n, limit, start + 1_000), 0n)
})

t.test('Counters without a window hold units until they are released', async t => {
  const limit = { maxAmount: 10n, windowMs: 0 }
  const counters = new Counters()
  t.equal(ask(counters, 8n, limit, start), 8n)
  t.equal(ask(counters, 3n, limit, start + 1e9), 0n)
  t.equal(ask(counters, 3n, limit, start + 1e9, true), 2n)
  t.equal(counters.release('k', 4n, limit, start), 4n)
  t.equal(ask(counters, 4n, limit, start), 4n)
  t.equal(counters.release('k', 99n, limit, start), 10n)
  t.equal(counters.size, 0)
})

t.test('Counters never lose a digit of 64-bit amounts', async t => {
  const limit = { maxAmount: 2n ** 63n - 1n, windowMs: 0 }
  const counters = new Counters()
  t.equal(ask(counters, 2n ** 63n - 2n, limit, start), 2n ** 63n - 2n)
  t.equal(ask(counters, 2n, limit, start), 0n)
  t.equal(ask(counters, 1n, limit, start), 1n)
})

t.test('Counters stand still when the clock goes back', async t => {
  const limit = { maxAmount: 1n, windowMs: 1_000 }
  const counters = new Counters()
  t.equal(ask(counters, 1n, limit, start), 1n)
  t.equal(ask(counters, 1n, limit, start - 60_000), 0n)
  t.equal(ask(counters, 1n, limit, start + 1_000), 1n)
})

const steps = fc.array(
  fc.record({
    waitMs: fc.integer({ min: 0, max: 700 }),
    key: fc.constantFrom('a', 'b'),
    amount: fc.bigInt({ min: 1n, max: 12n }),
    bestEffort: fc.boolean(),
  }),
  { minLength: 1, maxLength: 120 },
)

t.test('Counters never grant more than the maximum in any window', async t => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(
        steps,
        fc.bigInt({ min: 0n, max: 20n }),
        fc.integer({ min: 1, max: 3_000 }),
        (all, maxAmount, windowMs) => {
          const counters = new Counters()
          const ticks = Math.ceil(windowMs / 1_000) * 10
          const granted: { key: string; tick: number; amount: bigint }[] = []
          let nowMs = start
          for (const { waitMs, key, amount, bestEffort } of all) {
            nowMs += waitMs
            const units = ask(counters, amount, { maxAmount, windowMs }, nowMs, bestEffort, key)
            if (typeof units === 'bigint') granted.push({ key, tick: Math.floor(nowMs / 100), amount: units })
          }
          return granted.every(last => {
            const inWindow = granted.filter(
              one => one.key === last.key && one.tick <= last.tick && last.tick - one.tick < ticks,
            )
            return inWindow.reduce((sum, one) => sum + one.amount, 0n) <= maxAmount
          })
        },
      ),
      { numRuns: 300 },
    ),
  )
})

t.test('Counters grant all that a window allows, and not less', async t => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(steps, all => {
        const limit = { maxAmount: 10n, windowMs: 1_000 }
        const counters = new Counters()
        const charged: { tick: number; amount: bigint }[] = []
        let nowMs = start
        return all.every(({ waitMs, amount, bestEffort }) => {
          nowMs += waitMs
          const tick = Math.floor(nowMs / 100)
          const used = charged.filter(one => tick - one.tick < 10).reduce((sum, one) => sum + one.amount, 0n)
          const left = 10n - used
          const expected = amount <= left ? amount : bestEffort ? left : 0n
          const units = ask(counters, amount, limit, nowMs, bestEffort)
          charged.push({ tick, amount: expected })
          return units === expected
        })
      }),
      { numRuns: 200 },
    ),
  )
})

t.test('Counters never hold more than the maximum of an allocation, whatever is released', async t => {
  const moves = fc.array(fc.tuple(fc.bigInt({ min: -15n, max: 15n }), fc.boolean()), { maxLength: 100 })
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(moves, fc.bigInt({ min: 0n, max: 20n }), (all, maxAmount) => {
        const limit = { maxAmount, windowMs: 0 }
        const counters = new Counters()
        let held = 0n
        return all.every(([amount, bestEffort]) => {
          if (amount < 0n) held -= counters.release('k', -amount, limit, start)
          else if (amount > 0n) {
            const units = ask(counters, amount, limit, start, bestEffort)
            held += typeof units === 'bigint' ? units : 0n
          }
          return held >= 0n && held <= maxAmount && counters.size === (held === 0n ? 0 : 1)
        })
      }),
      { numRuns: 300 },
    ),
  )
})

t.test('Counters forget idle windows as other requests pass', async t => {
  const limit = { maxAmount: 1n, windowMs: 1_000 }
  const counters = new Counters()
  let most = 0
  for (let i = 0; i < 50_000; i++) {
    // A key that never comes again, every millisecond: a thousand are within the window at once.
    counters.allocate(`client-${i}`, { amount: 1n, bestEffort: false }, limit, start + i, 100_000)
    most = Math.max(most, counters.size)
  }
  t.ok(most < 3_000, `${most} counters at most`)
  t.ok(counters.slots <= counters.size, 'each holds one slot')
})

t.test('Counters refuse a further counter when all are in use, and take it when some are idle', async t => {
  const limit = { maxAmount: 1n, windowMs: 1_000 }
  const counters = new Counters()
  const one = { amount: 1n, bestEffort: false }
  for (let i = 0; i < 10; i++) counters.allocate(`k${i}`, one, limit, start, 10)
  t.same(counters.allocate('new', one, limit, start, 10), { kind: 'no-room' })
  t.match(counters.allocate('k3', one, limit, start, 10), { kind: 'granted', amount: 0n }, 'known ones go on')
  t.match(counters.allocate('new', one, limit, start + 1_000, 10), { kind: 'granted', amount: 1n })
  t.ok(counters.size <= 10)
})

t.test('RollingWindow keeps a long history within its share, and gives nothing back early', async t => {
  const budget = new SlotBudget(1_000_000)
  const window = new RollingWindow(budget)
  const lengthTicks = 36_000
  for (let tick = 0; tick < lengthTicks; tick++) {
    window.usedAt(tick, lengthTicks)
    window.consume(1n, tick)
  }
  t.ok(budget.inUse <= 1_024, `${budget.inUse} slots`)
  for (let tick = lengthTicks; tick < 2 * lengthTicks; tick += 500) {
    const due = BigInt(2 * lengthTicks - 1 - tick)
    t.ok(window.usedAt(tick, lengthTicks) >= due, 'nothing early')
  }
  t.equal(window.usedAt(2 * lengthTicks, lengthTicks), 0n)
  t.equal(budget.inUse, 0)
})

t.test('RollingWindow thins itself when all windows together have used up their slots', async t => {
  const budget = new SlotBudget(50)
  const windows = Array.from({ length: 10 }, () => new RollingWindow(budget))
  for (let tick = 0; tick < 100; tick++) {
    for (const window of windows) {
      window.usedAt(tick, 1_000)
      window.consume(1n, tick)
    }
  }
  t.ok(budget.inUse <= 60, `${budget.inUse} slots`)
  for (const window of windows) t.equal(window.usedAt(100, 1_000), 100n, 'no unit is lost')
})

t.test('DedupMemory remembers an id for at least one period and less than two', async t => {
  const answer = { amount: 1n, expiresAtMs: start }
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 40 }),
        fc.nat(20),
        (waits, position) => {
          const memory = new DedupMemory()
          let nowMs = start
          let rememberedAt: number | undefined
          return waits.every((waitMs, i) => {
            nowMs += waitMs
            const found = memory.find('id', nowMs, 1_000)
            if (rememberedAt !== undefined) {
              const age = nowMs - rememberedAt
              if (age < 1_000 && found === undefined) return false
              if (age >= 2_000 && found !== undefined) return false
            }
            if (i === position) {
              memory.remember('id', answer, nowMs, 1_000)
              rememberedAt = nowMs
            } else memory.remember(`other-${i}`, answer, nowMs, 1_000)
            return true
          })
        },
      ),
    ),
  )
})

t.test('DedupMemory holds at most two generations of ids', async t => {
  const memory = new DedupMemory(100)
  let early = 0
  for (let i = 0; i < 1_000; i++) {
    if (!memory.remember(`id-${i}`, { amount: 1n, expiresAtMs: start }, start, 1_000)) early++
  }
  t.ok(memory.size <= 200, `${memory.size} ids`)
  t.equal(early, 9, 'each early end is told')
  t.ok(memory.find('id-999', start, 1_000))
  t.equal(memory.find('id-0', start, 1_000), undefined)
})
