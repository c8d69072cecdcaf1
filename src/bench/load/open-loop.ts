import { Latencies } from './latencies.js'
import type { Pacer } from './pacer.js'
import { maxErrors, type Operation, type RunOutcome, Tally } from './run.js'

/** The finest step of the schedule, milliseconds: more often, and the waking would cost more than the calls. */
const finestMs = 0.1
/** Calls under way at most. When a server falls so far behind, further calls wait here, and their wait is counted. */
const maxUnderWay = 10_000

/**
 * Makes `perSecond` calls a second, whether the earlier ones have ended or not. Latency counts from the moment at which the
 * schedule wanted the call made: while a server stalls, the calls that would have come meanwhile are late, and it shows.
 * That is what correcting for coordinated omission means.
 */
export function openLoop(
  operation: Operation,
  perSecond: number,
  ms: number,
  pacer: Pacer,
): Promise<RunOutcome> {
  const tally = new Tally()
  const lateness = new Latencies()
  const everyMs = 1_000 / perSecond
  const total = Math.max(1, Math.floor(ms / everyMs))
  const startedAt = performance.now()
  let made = 0
  let underWay = 0
  return new Promise(resolve => {
    const finish = () => {
      if (underWay > 0 || made < total) return
      stop()
      resolve(tally.outcome(Math.max(ms, performance.now() - startedAt) / 1_000, lateness))
    }
    const make = (intendedAt: number) => {
      lateness.record(Math.max(0, performance.now() - intendedAt))
      underWay++
      operation(made++, failure => {
        underWay--
        const now = performance.now()
        tally.ended(failure, now - intendedAt, true)
        if (tally.errors >= maxErrors) made = total
        due()
        finish()
      })
    }
    /** Makes every call whose time has come. */
    const due = () => {
      const now = performance.now()
      while (made < total && underWay < maxUnderWay) {
        const intendedAt = startedAt + made * everyMs
        if (intendedAt > now) return
        make(intendedAt)
      }
    }
    const stop = pacer.start(Math.max(finestMs, everyMs), due)
    due()
  })
}
