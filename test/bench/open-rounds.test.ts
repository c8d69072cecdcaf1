import t from 'tap'
import type { Operation } from '../../src/bench/load/run.js'
import { figureOf, overRounds } from '../../src/bench/rounds/figures-of-row.js'
import { measureRows } from '../../src/bench/rounds/interleave.js'
import { fakeSubject, planned } from './fake-subject.js'

// What rounds of schedules say about servers whose truth is known.

const at = (perSecond: number) => ({ kind: 'open', perSecond }) as const

/** Answers at once, but stands still for a second, `afterMs` after its first call. */
function stallingOnce(afterMs: number): Operation {
  const stallMs = 1_000
  let begins = 0
  return (_, done) => {
    const now = performance.now()
    begins ||= now + afterMs
    const isStalled = now >= begins && now < begins + stallMs
    if (isStalled) setTimeout(done, Math.ceil(begins + stallMs - now), undefined)
    else setImmediate(done, undefined)
  }
}

t.test('a stall in a round is charged to every call that was due in it', async t => {
  const subject = fakeSubject(stallingOnce(800))
  const [row] = await measureRows([planned('stalls', subject, at(200))], { rounds: 1, ms: 2_000 }, () => {})
  // 400 calls, 200 of them due in the stall: the one due k ms after its beginning waits for 1000 - k ms. So the fourth slowest
  // waits for 985 ms, the fortieth for 805, and half of all for something.
  t.equal(row?.rounds[0]?.calls, 400)
  const { max = 0, p99 = 0, p90 = 0 } = row?.latency ?? {}
  const near = (us: number, ms: number) => us >= (ms - 10) * 1_000 && us <= (ms + 60) * 1_000
  t.ok(near(max, 1_000), `max ${max}`)
  t.ok(near(p99, 980), `p99 ${p99}`)
  t.ok(near(p90, 800), `p90 ${p90}`)
  t.equal(row?.invalid, undefined)
  t.equal(row?.note, undefined, 'the rate was reached all the same')
})

t.test('what a stall delays while a schedule settles is charged when it is due later', async t => {
  const subject = fakeSubject(stallingOnce(200))
  const [row] = await measureRows([planned('stalls', subject, at(200))], { rounds: 1, ms: 2_000 }, () => {})
  // It settles for 250 ms, so that calls due in the last 950 ms of the stall count.
  const { max = 0 } = row?.latency ?? {}
  t.ok(max >= 930_000 && max <= 1_010_000, `max ${max}`)
})

/** Answers one call after the other. */
function serial(eachMs: number): Operation {
  let freeAt = 0
  return (_, done) => {
    const now = performance.now()
    freeAt = Math.max(freeAt, now) + eachMs
    setTimeout(done, freeAt - now, undefined)
  }
}

t.test('a rate that is a little too high is charged with its queue, and said not to be reached', async t => {
  // 250 of 300 calls a second: of 900 calls the last waits for 0.6 s.
  const [row] = await measureRows(
    [planned('slow', fakeSubject(serial(4)), at(300))],
    { rounds: 1, ms: 3_000 },
    () => {},
  )
  t.equal(row?.invalid, undefined)
  t.equal(row?.rounds[0]?.calls, 900)
  t.ok((row?.latency.max ?? 0) >= 580_000, `max ${row?.latency.max}`)
  t.ok((row?.rounds[0]?.perSecond ?? 300) <= 255)
  t.match(row?.note, /the rate was not reached: 2\d\d of 300 calls a second/)
})

t.test('a rate that is far too high makes a row that does not hold, in bounded time', async t => {
  const startedAt = performance.now()
  const [row] = await measureRows(
    [planned('slow', fakeSubject(serial(10)), at(2_000))],
    { rounds: 3, ms: 500 },
    () => {},
  )
  t.match(row?.invalid, /^\d+ of 1150 calls had not ended 1 s after the schedule was over: 2000 a second/)
  t.equal(row?.rounds.length, 1, 'it is not measured again')
  t.ok(performance.now() - startedAt < 10_000)
})

t.test('the rate that is measured is the one that was asked for', async t => {
  const rates = [1, 6, 11]
  const rows = await measureRows(
    rates.map(rate =>
      planned(
        `${rate}`,
        fakeSubject((_, done) => void setImmediate(done, undefined)),
        at(rate),
      ),
    ),
    { rounds: 1, ms: 500 },
    () => {},
  )
  for (const [i, row] of rows.entries()) {
    const wanted = rates[i] ?? 0
    const { mean } = overRounds(row, figureOf.perSecond)
    t.ok(mean <= wanted + 0.001 && mean > wanted * 0.9, `${mean} of ${wanted}`)
    t.equal(row.note, undefined)
  }
})
