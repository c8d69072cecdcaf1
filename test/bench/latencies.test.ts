import fc from 'fast-check'
import t from 'tap'
import { Latencies } from '../../src/bench/load/latencies.js'

const milliseconds = fc.array(fc.double({ min: 0.0005, max: 50_000, noNaN: true }), {
  minLength: 1,
  maxLength: 200,
})

/** The value that a share of all stay within, found by sorting. */
function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil((share / 100) * sorted.length) - 1)] ?? 0
}

function recorded(values: readonly number[]): Latencies {
  const latencies = new Latencies()
  for (const value of values) latencies.record(value)
  return latencies
}

t.test('Latencies finds percentiles to three digits', async () => {
  fc.assert(
    fc.property(milliseconds, fc.constantFrom(50, 90, 99, 99.9, 100), (values, share) => {
      const us = percentile(values, share) * 1_000
      return Math.abs(recorded(values).percentileUs(share) - us) <= us * 0.002 + 0.002
    }),
  )
})

t.test('Latencies come through encoding, and add up', async () => {
  fc.assert(
    fc.property(milliseconds, milliseconds, (some, others) => {
      const sum = Latencies.decode(recorded(some).encode())
      sum.add(Latencies.decode(recorded(others).encode()))
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
