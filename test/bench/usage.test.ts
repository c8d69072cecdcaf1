import t from 'tap'
import { inTurn, together, type Usage } from '../../src/bench/process/usage.js'

const one: Usage = { cpuUs: 800, wallMs: 10, peakRssBytes: 70, gcMs: 1, allocatedBytes: 5 }
const other: Usage = { cpuUs: 400, wallMs: 10, peakRssBytes: 90, gcMs: 3, allocatedBytes: 7 }

t.test(
  'processes side by side use memory together, and their share of time is that of one of them',
  async t => {
    const usage = together([one, other])
    t.same(usage, { cpuUs: 1_200, wallMs: 20, peakRssBytes: 160, gcMs: 4, allocatedBytes: 12 })
    t.equal((usage.gcMs ?? 0) / usage.wallMs, 0.2, 'between a tenth and three tenths')
  },
)

t.test('one process in several stretches of time uses memory once', async t => {
  t.same(inTurn([one, other]), { cpuUs: 1_200, wallMs: 20, peakRssBytes: 90, gcMs: 4, allocatedBytes: 12 })
})

t.test('of no process nothing is told', async t => {
  t.equal(inTurn([]), undefined)
  t.throws(() => together([]), TypeError)
})
