import fc from 'fast-check'
import t from 'tap'
import { goDurationMs, protoDurationMs } from '../../src/mixer/config/decode/duration.js'

t.test("protobuf's durations are seconds with at most nine decimals", async t => {
  t.equal(protoDurationMs('5s'), 5_000)
  t.equal(protoDurationMs('0.250s'), 250)
  t.equal(protoDurationMs('-1.5s'), -1_500)
  for (const text of ['5', '5ms', '1m', '1.0000000001s', '.5s', '5S', '', 's', '315576000001s', '1e3s'])
    t.equal(protoDurationMs(text), undefined, text)
})

t.test("Go's durations are sums of units", async t => {
  t.equal(goDurationMs('1m30s'), 90_000)
  t.equal(goDurationMs('250ms'), 250)
  t.equal(goDurationMs('1.5h'), 5_400_000)
  t.equal(goDurationMs('-2s'), -2_000)
  t.equal(goDurationMs('0'), 0)
  for (const text of ['', '5', 's', '1 s', '1d', 'ms', '1m 30s', '9'.repeat(50)])
    t.equal(goDurationMs(text), undefined, text)
})

t.test('any text is a duration or none, never an exception or NaN', async t => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'0123456789.-smhunµ e') }), text => {
      for (const ms of [protoDurationMs(text), goDurationMs(text)]) t.not(Number.isNaN(ms), true)
    }),
    { numRuns: 200 },
  )
})
