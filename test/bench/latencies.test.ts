import fc from 'fast-check'
import t from 'tap'
import { Latencies } from '../../src/bench/load/latencies.js'
import { countsIn, LatencyCounts } from '../../src/bench/load/latency-counts.js'

const milliseconds = fc.array(fc.double({ min: 0.0005, max: 50_000, noNaN: true }), {
  minLength: 1,
  maxLength: 200,
})

/** The value that a share of all stay within, found by sorting. */
function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil((share / 100) * sorted.length) - 1)] ?? 0
}

function counted(values: readonly number[]): string {
  const counts = new LatencyCounts()
  for (const value of values) counts.record(value)
  return counts.finish()
}

function recorded(values: readonly number[]): Latencies {
  return Latencies.decode(counted(values))
}

t.test('Latencies finds percentiles to three digits', async () => {
  fc.assert(
    fc.property(milliseconds, fc.constantFrom(50, 90, 99, 99.9, 100), (values, share) => {
      const us = percentile(values, share) * 1_000
      return Math.abs(recorded(values).percentileUs(share) - us) <= us * 0.002 + 0.002
    }),
  )
})

t.test('LatencyCounts loses no more than a histogram of three digits, and no call', async () => {
  const milliseconds = fc.double({ min: 0.000001, max: 60_000, noNaN: true })
  fc.assert(
    fc.property(milliseconds, value => {
      const exact = Math.round(value * 1_000_000)
      const [[ns, count] = [0, 0], ...others] = countsIn(counted([value, value]))
      return others.length === 0 && count === 2 && ns <= exact && exact - ns <= exact / 1_024
    }),
  )
})

t.test('LatencyCounts of one run know nothing of those of another', async t => {
  counted([1, 2, 3])
  const [first, second] = [new LatencyCounts(), new LatencyCounts()]
  first.record(5)
  second.record(7)
  for (const [counts, ms] of [
    [first, 5],
    [second, 7],
  ] as const) {
    const found = Latencies.decode(counts.finish())
    t.equal(found.count, 1)
    t.ok(Math.abs(found.maxUs() - ms * 1_000) < ms)
  }
})

t.test('Latencies add up', async () => {
  fc.assert(
    fc.property(milliseconds, milliseconds, (some, others) => {
      const sum = recorded(some)
      sum.add(recorded(others))
      const together = recorded([...some, ...others])
      return (
        sum.count === together.count &&
        sum.percentileUs(50) === together.percentileUs(50) &&
        Math.abs(sum.maxUs() - together.maxUs()) <= together.maxUs() * 0.002
      )
    }),
    { numRuns: 25 },
  )
})

t.test('Latencies counts what is out of range at its edge', async t => {
  const latencies = recorded([-1, 0, 1e9])
  t.equal(latencies.count, 3)
  t.ok(latencies.maxUs() >= 59e6 && latencies.maxUs() <= 61e6)
  t.equal(new Latencies().percentileUs(99), 0)
})

t.test('no percentile is above the largest of all', async () => {
  fc.assert(
    fc.property(milliseconds, fc.constantFrom(50, 99, 99.9, 100), (values, share) => {
      const latencies = recorded(values)
      return latencies.percentileUs(share) <= latencies.maxUs()
    }),
  )
})
