import { LatencyCounts } from './latency-counts.js'
import type { Pacer } from './pacer.js'
import { maxErrors, type Operation, type RunOutcome, Tally } from './run.js'

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
  const lateness = new LatencyCounts()
  const everyMs = 1_000 / perSecond
  const total = Math.max(1, Math.floor(ms / everyMs))
  const startedAt = performance.now()
  let made = 0
  let underWay = 0
  return new Promise(resolve => {
    const finish = () => {
      if (underWay > 0 || made < total) return
      alarm.stop()
      resolve(tally.outcome(Math.max(ms, performance.now() - startedAt) / 1_000, lateness))
    }
    const make = (intendedAt: number, now: number) => {
      lateness.record(now - intendedAt)
      underWay++
      made++
      operation(made - 1, failure => {
        underWay--
        const endedAt = performance.now()
        tally.ended(failure, endedAt - intendedAt, true)
        if (tally.errors >= maxErrors) made = total
        due(endedAt)
        finish()
      })
    }
    /** Makes every call whose time has come. All of them leave together. */
    const due = (now: number) => {
      let intendedAt = startedAt + made * everyMs
      while (intendedAt <= now && made < total && underWay < maxUnderWay) {
        make(intendedAt, now)
        intendedAt = startedAt + made * everyMs
      }
      if (made < total) alarm.set(intendedAt)
    }
    const alarm = pacer.start(everyMs, () => due(performance.now()))
    due(startedAt)
  })
}
