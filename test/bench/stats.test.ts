import fc from 'fast-check'
import t from 'tap'
import { tailTiming } from '../../src/bench/figures/half-load.js'
import { maxVariation, ratioOf } from '../../src/bench/stats/ratio.js'
import { deviation, interval, mean } from '../../src/bench/stats/student.js'
import { discoveries, welch } from '../../src/bench/stats/welch.js'

/** Measurements: positive, and of one order of magnitude. */
const rounds = fc.array(fc.double({ min: 1, max: 1_000, noNaN: true }), { minLength: 2, maxLength: 40 })
/** Measurements that agree with each other. */
const agreeing = fc
  .tuple(
    fc.double({ min: 0.001, max: 1e6, noNaN: true }),
    fc.array(fc.double({ min: 0.97, max: 1.03, noNaN: true }), { minLength: 2, maxLength: 20 }),
  )
  .map(([size, factors]) => factors.map(factor => factor * size))

const close = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b))

t.test('interval is what a table of Student’s t says', async t => {
  // 1, 2, 3: mean 2, deviation 1, and 4.303 / √3 to each side.
  const { mean: middle, low, high } = interval([1, 2, 3])
  t.equal(middle, 2)
  t.ok(close(high - 2, 4.303 / Math.sqrt(3)))
  t.ok(close(2 - low, 4.303 / Math.sqrt(3)))
})

t.test('interval of one value is unbounded, and of none an error', async t => {
  t.same(interval([5]), { mean: 5, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY })
  t.throws(() => interval([]), RangeError)
})

t.test('interval holds the mean, and follows when values are scaled and moved', async () => {
  fc.assert(
    fc.property(rounds, fc.double({ min: 0.01, max: 100, noNaN: true }), (values, factor) => {
      const { mean: middle, low, high } = interval(values)
      const scaled = interval(values.map(value => value * factor))
      return (
        low <= middle &&
        middle <= high &&
        close(scaled.high, high * factor) &&
        close(scaled.low, low * factor)
      )
    }),
  )
})

t.test('interval narrows when the same values are seen twice', async () => {
  fc.assert(
    fc.property(rounds, values => {
      const once = interval(values)
      const twice = interval([...values, ...values])
      return deviation(values) === 0 || twice.high - twice.low < once.high - once.low
    }),
  )
})

t.test('interval holds the true mean of normal values 95 times in a hundred', async t => {
  let seed = 12_345
  const chance = () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return (seed + 0.5) / 4_294_967_296
  }
  const normal = () => Math.sqrt(-2 * Math.log(chance())) * Math.cos(2 * Math.PI * chance())
  const trials = 4_000
  let held = 0
  for (let i = 0; i < trials; i++) {
    const { low, high } = interval(Array.from({ length: 5 }, normal))
    if (low <= 0 && 0 <= high) held++
  }
  t.ok(held / trials > 0.93 && held / trials < 0.97, `${held} of ${trials}`)
})

t.test('ratioOf a row to itself is exactly one', async () => {
  fc.assert(
    fc.property(rounds, values => {
      const ratio = ratioOf(values, values)
      return ratio.kind === 'ratio' && close(ratio.value, 1) && close(ratio.low, 1) && close(ratio.high, 1)
    }),
  )
})

t.test('ratioOf the other way round is the inverse, interval included', async () => {
  fc.assert(
    fc.property(agreeing, fc.double({ min: 0.1, max: 10, noNaN: true }), (values, factor) => {
      const others = values.map(() => factor)
      const there = ratioOf(values, others)
      const back = ratioOf(others, values)
      return (
        there.kind === 'ratio' &&
        back.kind === 'ratio' &&
        close(there.value * back.value, 1) &&
        close(there.low * back.high, 1) &&
        close(there.high * back.low, 1)
      )
    }),
  )
})

t.test('ratioOf is not disturbed by what disturbs both rows of a round', async () => {
  fc.assert(
    fc.property(rounds, fc.double({ min: 0.1, max: 10, noNaN: true }), (disturbance, factor) => {
      const ratio = ratioOf(
        disturbance.map(value => value * factor),
        disturbance,
      )
      return ratio.kind === 'ratio' && close(ratio.value, factor)
    }),
  )
})

t.test('ratioOf refuses rounds that disagree by more than the limit, and says by how much', async t => {
  const refused = ratioOf([100, 200], [100, 100])
  t.match(refused, { kind: 'refused', reason: 'rounds disagree by 47 % (limit 15 %)' })
  t.equal(ratioOf([100, 110], [100, 100]).kind, 'ratio')
  fc.assert(
    fc.property(rounds, rounds, (values, references) => {
      const count = Math.min(values.length, references.length)
      const ratios = values.slice(0, count).map((value, i) => value / (references[i] ?? 1))
      const isRefused = ratioOf(values, references).kind === 'refused'
      return isRefused === deviation(ratios) / mean(ratios) > maxVariation
    }),
  )
})

t.test('rounds for a tail hold so many calls, within bounds of time', async t => {
  const usual = { rounds: 7, ms: 1_000 }
  t.same(tailTiming(usual, 10_000), { rounds: 56, ms: 3_000 })
  t.same(tailTiming(usual, 200_000), { rounds: 56, ms: 1_000 })
  t.same(tailTiming(usual, 1), { rounds: 56, ms: 10_000 })
})

t.test('ratioOf refuses one round, and rounds in which nothing happened', async t => {
  t.equal(ratioOf([1], [1]).kind, 'refused')
  t.equal(ratioOf([1, 1], [1, 0]).kind, 'refused')
  t.equal(ratioOf([1, 0], [1, 1]).kind, 'refused')
})

t.test('welch is what a table of Student’s t says', async t => {
  // Two samples of one spread and size have 2n - 2 degrees of freedom: four for three values each, and t = 2.776 at 5 %.
  const spread = Math.sqrt(2 / 3)
  const at = (quantile: number) =>
    welch(
      [-1, 0, 1],
      [-1, 0, 1].map(value => value + quantile * spread),
    )
  t.ok(Math.abs(at(2.776) - 0.05) < 1e-4, `${at(2.776)}`)
  t.ok(Math.abs(at(4.604) - 0.01) < 1e-4, `${at(4.604)}`)
  t.equal(at(0), 1)
  t.equal(welch([1, 1], [1, 1]), 1)
  t.equal(welch([1, 1], [2, 2]), 0)
  t.throws(() => welch([1], [1, 2]), RangeError)
})

t.test('discoveries are judged together', async t => {
  t.same(discoveries([]), new Set())
  t.same(discoveries([0.04]), new Set([0]))
  t.same(discoveries([0.04, 0.5, 0.6]), new Set(), 'one of three is more likely chance')
  t.same(discoveries([0.9, 0.001, 0.03, 0.02]), new Set([1, 2, 3]))
})
