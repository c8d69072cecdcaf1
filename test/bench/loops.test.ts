import t from 'tap'
import { closedLoop, oneByOne } from '../../src/bench/load/closed-loop.js'
import { Latencies } from '../../src/bench/load/latencies.js'
import { openLoop } from '../../src/bench/load/open-loop.js'
import { threadPacer } from '../../src/bench/load/pacer.js'
import type { Operation } from '../../src/bench/load/run.js'
import { eager } from './fake-subject.js'

// Waits here are lower bounds: a timer never comes early by more than its rounding, however busy the machine is.

const delayMs = 20
/** A timer may be a millisecond early, because the event loop rounds the time. */
const roundingMs = 1

const delayed: Operation = (_, done) => void setTimeout(done, delayMs, undefined)

t.test('closedLoop reports at least the delay of what it asks, and keeps to its depth', async t => {
  let underWay = 0
  let most = 0
  const counting: Operation = (_, done) => {
    most = Math.max(most, ++underWay)
    setTimeout(() => {
      underWay--
      done(undefined)
    }, delayMs)
  }
  const outcome = await closedLoop(counting, 4, 200)
  const latencies = Latencies.decode(outcome.latencies)
  t.ok(latencies.percentileUs(0) >= (delayMs - roundingMs) * 1_000)
  t.equal(most, 4)
  t.equal(underWay, 0, 'what was under way at the end was waited for')
  t.equal(latencies.count, outcome.calls)
  t.ok(outcome.calls <= 4 * (200 / (delayMs - roundingMs) + 1))
  t.ok(outcome.calls / outcome.seconds <= 4 / ((delayMs - roundingMs) / 1_000))
})

t.test('closedLoop counts errors apart, keeps the first, and gives up when nothing else comes', async t => {
  let calls = 0
  const failing: Operation = (_, done) => void setImmediate(done, `no ${++calls}`)
  const outcome = await closedLoop(failing, 2, 60_000)
  t.equal(outcome.firstError, 'no 1')
  t.ok(outcome.errors >= 1_000 && outcome.errors <= 1_002)
  t.equal(Latencies.decode(outcome.latencies).count, 0)
})

t.test('closedLoop ends after the calls that were asked for', async t => {
  const outcome = await closedLoop(delayed, 3, 60_000, 7)
  t.equal(outcome.calls, 7)
})

t.test('closedLoop lets the event loop turn when calls never leave the process', async t => {
  let turned = false
  setImmediate(() => {
    turned = true
  })
  const immediate: Operation = (_, done) => void Promise.resolve(undefined).then(done)
  await closedLoop(immediate, 1, 20)
  t.ok(turned)
})

t.test('oneByOne stops at the first call that fails', async t => {
  let calls = 0
  const { us, firstError } = await oneByOne(
    (_, done) => void setImmediate(done, ++calls === 3 ? 'no' : undefined),
    10,
  )
  t.equal(us.length, 3)
  t.equal(firstError, 'no')
})

t.test('openLoop makes exactly the calls of its schedule, at least as late as they answer', async t => {
  const outcome = await openLoop(delayed, { perSecond: 200, ms: 300, settleMs: 0 }, eager)
  const latencies = Latencies.decode(outcome.latencies)
  t.equal(outcome.calls, 60)
  t.ok(latencies.percentileUs(50) >= (delayMs - roundingMs) * 1_000)
  t.equal(Latencies.decode(outcome.lateness ?? '').count, 60)
})

t.test(
  'openLoop counts the wait of calls that could not be made: a stall shows in every call it delays',
  async t => {
    // The server answers one at a time, at once, but stands still for 300 ms from its tenth call on.
    const stallMs = 300
    const waiting: ((failure: undefined) => void)[] = []
    let calls = 0
    let isStalled = false
    const stalling: Operation = (_, done) => {
      if (++calls === 10) {
        isStalled = true
        setTimeout(() => {
          isStalled = false
          for (const answer of waiting.splice(0)) answer(undefined)
        }, stallMs)
      }
      if (isStalled) waiting.push(done)
      else setImmediate(done, undefined)
    }
    const perSecond = 200
    const outcome = await openLoop(stalling, { perSecond, ms: 1_000, settleMs: 0 }, eager)
    const latencies = Latencies.decode(outcome.latencies)
    t.equal(outcome.calls, perSecond)
    // 60 calls are due within the stall; the one that is due k ms after its beginning waits for 300 - k ms.
    t.ok(latencies.maxUs() >= (stallMs - roundingMs) * 1_000, `${latencies.maxUs()} µs at most`)
    t.ok(latencies.percentileUs(99) >= (stallMs - 20) * 1_000, `${latencies.percentileUs(99)} µs`)
    t.ok(latencies.percentileUs(85) >= 100_000, 'a seventh of all calls waited for 100 ms or more')
  },
)

t.test('openLoop, whose event loop stands still, still counts from the intended time', async t => {
  const stallMs = 250
  let calls = 0
  const blocking: Operation = (_, done) => {
    if (++calls === 10) for (const until = performance.now() + stallMs; performance.now() < until; );
    setImmediate(done, undefined)
  }
  const outcome = await openLoop(blocking, { perSecond: 200, ms: 500, settleMs: 0 }, eager)
  const latencies = Latencies.decode(outcome.latencies)
  t.equal(outcome.calls, 100)
  t.ok(latencies.percentileUs(95) >= 200_000, `${latencies.percentileUs(95)} µs`)
})

t.test('openLoop does not count what is due while it settles, but what went wrong then', async t => {
  const schedule = { perSecond: 200, ms: 200, settleMs: 100 }
  const outcome = await openLoop(delayed, schedule, eager)
  t.match(outcome, { calls: 40, made: 60, errors: 0 })
  t.equal(Latencies.decode(outcome.latencies).count, 40)
  let calls = 0
  const failing: Operation = (_, done) => void setImmediate(done, ++calls === 1 ? 'no' : undefined)
  t.match(await openLoop(failing, schedule, eager), { calls: 41, made: 60, errors: 1, firstError: 'no' })
})

t.test('a server that never answers is given up, by either loop, with the reason', async t => {
  const silent: Operation = () => {}
  const closed = await closedLoop(silent, 3, 50, undefined, 100)
  t.match(closed, { calls: 0, givenUp: /no answer in 0.1 s, 3 were under way/ })
  const open = await openLoop(silent, { perSecond: 100, ms: 60_000, settleMs: 0 }, eager, 100)
  t.match(open, { calls: 0, givenUp: /none came for 0.1 s/ })
  const forgetful: Operation = (lane, done) => void (lane > 0 && setImmediate(done, undefined))
  const some = await closedLoop(forgetful, 2, 50, undefined, 100)
  t.match(some, { errors: 0, givenUp: /no answer in 0.1 s, 1 were under way/ })
  t.ok(some.calls > 0, 'the others count')
})

t.test('threadPacer ticks when the alarm is due, not before, and again when it is started again', async t => {
  const pacer = threadPacer()
  const ticksOf = async (count: number) => {
    const everyMs = 0.7
    const startedAt = performance.now()
    let dueAt = startedAt + everyMs
    let isEarly = false
    await new Promise<void>(resolve => {
      let ticks = 0
      const alarm = pacer.start(everyMs, () => {
        if (performance.now() < dueAt) isEarly = true
        dueAt += everyMs
        if (++ticks < count) return alarm.set(dueAt)
        alarm.stop()
        resolve()
      })
      alarm.set(dueAt)
    })
    t.notOk(isEarly)
    t.ok(performance.now() - startedAt >= count * everyMs)
  }
  // The thread alone keeps no process alive; the test's own timer does.
  const alive = setInterval(() => {}, 1_000)
  await ticksOf(20)
  await ticksOf(5)
  clearInterval(alive)
  await pacer.close()
})

t.test('threadPacer does not tick before its alarm has been set, however late that is', async t => {
  const pacer = threadPacer()
  const alive = setInterval(() => {}, 1_000)
  for (let run = 0; run < 3; run++) {
    let dueAt = Number.POSITIVE_INFINITY
    const tickedAt = await new Promise<number>(resolve => {
      const alarm = pacer.start(0.5, () => {
        alarm.stop()
        resolve(performance.now())
      })
      const waitUntil = performance.now() + 5
      while (performance.now() < waitUntil); // the other thread has time enough to be early
      dueAt = performance.now() + 3
      alarm.set(dueAt)
    })
    t.ok(tickedAt >= dueAt)
  }
  clearInterval(alive)
  await pacer.close()
})

t.test('threadPacer leaves the time alone that has been put off', async t => {
  const pacer = threadPacer()
  const alive = setInterval(() => {}, 1_000)
  const startedAt = performance.now()
  await new Promise<void>(resolve => {
    const alarm = pacer.start(1, () => {
      alarm.stop()
      resolve()
    })
    alarm.set(startedAt + 20)
    alarm.set(startedAt + 60)
  })
  t.ok(performance.now() - startedAt >= 60)
  clearInterval(alive)
  await pacer.close()
})
