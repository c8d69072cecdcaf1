import type { Fields } from '../process/fields.js'
import { LatencyCounts } from './latency-counts.js'
import type { Pacer } from './pacer.js'
import { answerMs, maxErrors, type Operation, type RunOutcome, Tally, watch } from './run.js'

/** Calls under way at most. When a server falls so far behind, further calls wait here, and their wait is counted. */
const maxUnderWay = 10_000
/** Shortest wait for calls that have not ended when a schedule is over. */
const leastDrainMs = 1_000

/** A schedule of calls. */
export interface Schedule {
  readonly perSecond: number
  /** Length of the part that counts, milliseconds. It holds one call at least. */
  readonly ms: number
  /** Length of the part before it, whose calls are made and waited for, but not counted. */
  readonly settleMs: number
}

/** A schedule that another process told. @throws {FieldError} */
export function scheduleOf(body: Fields): Schedule {
  return {
    perSecond: body.number('perSecond'),
    ms: body.number('ms'),
    settleMs: body.maybeNumber('settleMs') ?? 0,
  }
}

/**
 * Makes `perSecond` calls a second, whether the earlier ones have ended or not. Latency counts from the moment at which the
 * schedule wanted the call made: while a server stalls, the calls that would have come meanwhile are late, and it shows.
 * That is what correcting for coordinated omission means. Every call that is due is made and waited for, for as long as the
 * schedule was once more (a second at least); then, or when nothing has been answered in `longestMs`, the run is given up.
 */
export function openLoop(
  operation: Operation,
  { perSecond, ms, settleMs }: Schedule,
  pacer: Pacer,
  longestMs = answerMs,
): Promise<RunOutcome> {
  const tally = new Tally()
  const lateness = new LatencyCounts()
  const everyMs = 1_000 / perSecond
  const first = Math.round(settleMs / everyMs)
  const counted = Math.max(1, Math.round(ms / everyMs))
  const drainMs = Math.max(ms, leastDrainMs)
  let total = first + counted
  const startedAt = performance.now()
  let made = 0
  let underWay = 0
  let heardAt = startedAt
  let firstEndAt = 0
  let lastEndAt = 0
  let isOver = false
  return new Promise(resolve => {
    const finish = (givenUp: string | undefined) => {
      isOver = true
      alarm.stop()
      unwatch()
      clearTimeout(drained)
      resolve(tally.outcome({ seconds: secondsOf(tally.calls), lateness, givenUp }))
    }
    /** As long as calls came that fast, or as they ended where that took longer: a server that falls behind answers slower. */
    const secondsOf = (calls: number) => {
      const ended = calls < 2 ? 0 : ((lastEndAt - firstEndAt) * calls) / (calls - 1)
      return Math.max(Math.max(1, calls) * everyMs, ended) / 1_000
    }
    const make = (number: number, intendedAt: number, now: number) => {
      if (number >= first) lateness.record(now - intendedAt)
      underWay++
      made++
      operation(number, failure => {
        if (isOver) return
        underWay--
        const endedAt = performance.now()
        heardAt = endedAt
        if (number < first) tally.settled(failure)
        else {
          tally.ended(failure, endedAt - intendedAt)
          firstEndAt ||= endedAt
          lastEndAt = endedAt
        }
        if (tally.errors >= maxErrors) total = made
        due(endedAt)
        if (underWay === 0 && made >= total) finish(undefined)
      })
    }
    /** Makes every call whose time has come. All of them leave together. */
    const due = (now: number) => {
      let intendedAt = startedAt + made * everyMs
      while (intendedAt <= now && made < total && underWay < maxUnderWay) {
        make(made, intendedAt, now)
        intendedAt = startedAt + made * everyMs
      }
      if (made < total) alarm.set(intendedAt)
    }
    const unwatch = watch(
      longestMs,
      now => underWay > 0 && now - heardAt > longestMs,
      () => finish(`${underWay} calls had no answer, and none came for ${longestMs / 1_000} s`),
    )
    const drained = setTimeout(
      () =>
        finish(
          `${total - tally.made} of ${total} calls had not ended ${drainMs / 1_000} s after the schedule was over: ` +
            `${perSecond} a second are too many`,
        ),
      total * everyMs + drainMs,
    )
    const alarm = pacer.start(everyMs, () => due(performance.now()))
    due(startedAt)
  })
}
