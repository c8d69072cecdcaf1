import { LatencyCounts } from './latency-counts.js'
import type { Done } from './unary-client.js'

/** One call: which lane makes it decides the connection; `done` hears what went wrong, or nothing. */
export type Operation = (lane: number, done: Done) => void

/** What a run of load brought. */
export interface RunOutcome {
  /** All calls that ended; of a schedule, those that were due when its settling was over. */
  readonly calls: number
  /** All calls that ended, those of the settling as well: what processes used was used for these. */
  readonly made: number
  readonly errors: number
  readonly firstError: string | undefined
  /** The time that `calls` took; over it they are the throughput. */
  readonly seconds: number
  /** See `Latencies.decode`. Only of calls without error. */
  readonly latencies: string
  /** How late calls began, against the intended time; undefined for a closed loop, where none is intended. */
  readonly lateness: string | undefined
  /** Why the run was given up while calls were under way; undefined: all of them ended. */
  readonly givenUp: string | undefined
}

/** What is known only when a run is over. */
export interface RunEnd {
  readonly seconds: number
  readonly lateness: LatencyCounts | undefined
  readonly givenUp: string | undefined
}

/** Keeps count while a run goes on. */
export class Tally {
  readonly latencies = new LatencyCounts()
  calls = 0
  made = 0
  errors = 0
  firstError: string | undefined

  ended(failure: string | undefined, ms: number): void {
    this.made++
    this.calls++
    if (failure === undefined) this.latencies.record(ms)
    else {
      this.errors++
      this.firstError ??= failure
    }
  }

  /** A call that only settled things. One that went wrong counts all the same. */
  settled(failure: string | undefined): void {
    if (failure === undefined) this.made++
    else this.ended(failure, 0)
  }

  /** The end: what still ends is not counted. */
  outcome({ seconds, lateness, givenUp }: RunEnd): RunOutcome {
    const { calls, made, errors, firstError, latencies } = this
    return {
      calls,
      made,
      errors,
      firstError,
      seconds,
      latencies: latencies.finish(),
      lateness: lateness?.finish(),
      givenUp,
    }
  }
}

/** Errors after which a run is given up: what it measures is no longer what it was meant to. */
export const maxErrors = 1_000
/** Longest wait for an answer. A server that keeps a call longer than that is given up, so that the rest can be measured. */
export const answerMs = 10_000

/** Looks again and again, until it is stopped, whether a run waits too long. */
export function watch(
  longestMs: number,
  isOverdue: (now: number) => boolean,
  giveUp: () => void,
): () => void {
  const timer = setInterval(
    () => {
      if (isOverdue(performance.now())) giveUp()
    },
    Math.min(longestMs / 4, 500),
  )
  return () => clearInterval(timer)
}
