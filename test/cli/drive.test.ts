import t from 'tap'
import { type DriveClock, drive } from '../../src/cli/mixer-client/drive.js'
import { Tally } from '../../src/cli/mixer-client/tally.js'

/** A clock that jumps to whenever someone waits for. */
function jumpingClock(): DriveClock & { at: number } {
  const clock = {
    at: 0,
    now: () => clock.at,
    wait: async (ms: number) => {
      clock.at += ms
    },
  }
  return clock
}

t.test('every call is made once, with its own number', async t => {
  const made: number[] = []
  await drive({ repeat: 5, concurrency: 3, ratePerSecond: undefined }, jumpingClock(), async index => {
    made.push(index)
  })
  t.same(
    made.sort((a, b) => a - b),
    Array.from({ length: 15 }, (_, i) => i),
  )
})

t.test('no more calls are under way than there are workers', async t => {
  let underWay = 0
  let most = 0
  await drive({ repeat: 10, concurrency: 4, ratePerSecond: undefined }, jumpingClock(), async () => {
    underWay++
    most = Math.max(most, underWay)
    await new Promise(resolve => setImmediate(resolve))
    underWay--
  })
  t.equal(most, 4)
})

t.test('a rate spaces the calls, and a late call does not slow the others down', async t => {
  const clock = jumpingClock()
  const began: number[] = []
  await drive({ repeat: 5, concurrency: 1, ratePerSecond: 10 }, clock, async index => {
    began.push(clock.at)
    if (index === 1) clock.at += 250
  })
  t.same(began, [0, 100, 350, 350, 400])
})

t.test('a tally counts outcomes and ranks latencies', async t => {
  const tally = new Tally()
  for (let i = 1; i <= 100; i++) tally.add(i > 90 ? 'PERMISSION_DENIED' : 'OK', i)
  const text = tally.print(1_000)
  t.match(text, /100 calls in 1\.00 s, 100 a second/)
  t.match(text, / {2}90 × OK\n {2}10 × PERMISSION_DENIED/)
  t.match(text, /p50 51\.00, p90 91\.00, p99 100\.00, longest 100\.00/)
})
