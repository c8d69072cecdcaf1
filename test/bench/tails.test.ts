import fc from 'fast-check'
import t from 'tap'
import { Latencies } from '../../src/bench/load/latencies.js'
import { LatencyCounts } from '../../src/bench/load/latency-counts.js'
import { figureOf, ratioOfRows } from '../../src/bench/rounds/figures-of-row.js'
import { tailsOf } from '../../src/bench/rounds/tails.js'
import { maxTailReach, type Ratio } from '../../src/bench/stats/ratio.js'
import { round, row } from './sample.js'

/** A round with that many calls of each latency, milliseconds. */
function roundWith(calls: readonly (readonly [count: number, ms: number])[]): Latencies {
  const counts = new LatencyCounts()
  for (const [count, ms] of calls) for (let i = 0; i < count; i++) counts.record(ms)
  return Latencies.decode(counts.finish())
}

/** Chances that are the same in each run. */
function chances(seed: number): () => number {
  let at = seed
  return () => {
    at = (Math.imul(at, 1_664_525) + 1_013_904_223) >>> 0
    return (at + 0.5) / 4_294_967_296
  }
}

/** A round of a server that stands still now and then, so that one call in fifty waits, up to so long. */
function stalling(chance: () => number, longestMs: number): Latencies {
  const counts = new LatencyCounts()
  for (let stall = 0; stall < 6; stall++) {
    const pause = longestMs * (0.5 + chance() / 2)
    for (let i = 0; i < 500; i++) counts.record(i < 10 ? pause * chance() : 0.3)
  }
  return Latencies.decode(counts.finish())
}

function given(ratio: Ratio): Extract<Ratio, { kind: 'ratio' }> {
  if (ratio.kind === 'refused') throw new TypeError(ratio.reason)
  return ratio
}

t.test('tails of a row over itself are exactly one', async t => {
  const chance = chances(1)
  const rounds = Array.from({ length: 6 }, () => stalling(chance, 40))
  t.same(tailsOf(rounds, rounds).p99, { kind: 'ratio', value: 1, low: 1, high: 1 })
})

t.test('tails the other way round are the inverse, interval included', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.integer({ min: 30, max: 60 }), (seed, ms) => {
      const chance = chances(seed)
      const some = Array.from({ length: 12 }, () => stalling(chance, 40))
      const others = Array.from({ length: 12 }, () => stalling(chance, ms))
      const there = tailsOf(some, others).p99
      const back = tailsOf(others, some).p99
      if (there.kind === 'refused' || back.kind === 'refused') return there.kind === back.kind
      const close = (a: number, b: number) => Math.abs(a * b - 1) < 1e-9
      return close(there.value, back.value) && close(there.low, back.high) && close(there.high, back.low)
    }),
    { numRuns: 30 },
  )
})

t.test('the true ratio lies within the interval about 95 times in a hundred', async t => {
  const chance = chances(7)
  const trials = 300
  let held = 0
  let printed = 0
  for (let trial = 0; trial < trials; trial++) {
    const some = Array.from({ length: 8 }, () => stalling(chance, 60))
    const others = Array.from({ length: 8 }, () => stalling(chance, 40))
    const { p99 } = tailsOf(some, others)
    if (p99.kind === 'refused') continue
    printed++
    if (p99.low <= 1.5 && 1.5 <= p99.high) held++
  }
  t.ok(printed > trials * 0.9, `${printed} of ${trials} were given`)
  t.ok(held / printed > 0.9, `${held} of ${printed} hold the true one`)
})

t.test('rounds whose own tails differ tenfold still give a ratio when all together tell one', async t => {
  // Every second round holds a stall, of one row in the even rounds and of the other in the odd ones.
  const calm = () => roundWith([[1_000, 0.3]])
  const stalled = (ms: number) =>
    roundWith([
      [960, 0.3],
      [40, ms],
    ])
  const some = Array.from({ length: 12 }, (_, i) => (i % 2 === 0 ? stalled(30) : calm()))
  const others = Array.from({ length: 12 }, (_, i) => (i % 2 === 1 ? stalled(20) : calm()))
  const { value, low, high } = given(tailsOf(some, others).p99)
  t.ok(Math.abs(value - 1.5) < 0.01, `${value}`)
  t.ok(low <= value && value <= high)
})

t.test('a tail that hangs on single rounds is refused, and so is one round alone', async t => {
  const calm = roundWith([[1_000, 0.3]])
  const stalled = roundWith([
    [900, 0.3],
    [100, 80],
  ])
  const refused = tailsOf([calm, calm, calm, calm, stalled], [calm, calm, calm, calm, calm]).p99
  t.match(refused, { kind: 'refused', reason: /further \(limit 50 %\)/ })
  t.ok(refused.kind === 'refused' && (refused.variation ?? 0) > maxTailReach)
  t.match(tailsOf([calm], [calm]).p99, { kind: 'refused', reason: /one round alone/ })
  t.match(tailsOf([new Latencies(), new Latencies()], [calm, calm]).p99, { reason: /nothing to divide/ })
})

t.test('ratioOfRows takes the tails of a row for its own reference alone', async t => {
  const p99: Ratio = { kind: 'ratio', value: 1.25, low: 1, high: 1.5 }
  const p999: Ratio = { kind: 'ratio', value: 2.5, low: 2, high: 3 }
  const reference = row('a', [round(1_000), round(1_000)])
  const other = row('b', [round(1_000), round(1_000)], { reference: 'a', tails: { p99, p999 } })
  t.same(ratioOfRows(other, reference, figureOf.p99), p99)
  t.same(ratioOfRows(other, reference, figureOf.p999), p999)
  t.match(ratioOfRows(other, reference, figureOf.p50), { value: 1 })
  t.match(ratioOfRows(other, row('c', reference.rounds), figureOf.p99), { value: 1 })
  t.match(ratioOfRows(other, { ...reference, invalid: 'it broke' }, figureOf.p99), {
    kind: 'refused',
    reason: 'a: it broke',
  })
})
