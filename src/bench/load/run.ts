import { LatencyCounts } from './latency-counts.js'
import type { Done } from './unary-client.js'

/** One call: which lane makes it decides the connection; `done` hears what went wrong, or nothing. */
export type Operation = (lane: number, done: Done) => void

/** What a run of load brought. */
export interface RunOutcome {
  /** All calls that ended, also those that ended while the run was ending. */
  readonly calls: number
  readonly errors: number
  readonly firstError: string | undefined
  /** Calls that ended before the run's time was over; over `seconds` they are the throughput. */
  readonly inTime: number
  readonly seconds: number
  /** See `Latencies.decode`. Only of calls without error. */
  readonly latencies: string
  /** How late calls began, against the intended time; undefined for a closed loop, where none is intended. */
  readonly lateness: string | undefined
}

/** Keeps count while a run goes on. */
export class Tally {
  readonly latencies = new LatencyCounts()
  calls = 0
  errors = 0
  inTime = 0
  firstError: string | undefined

  ended(failure: string | undefined, ms: number, isInTime: boolean): void {
    this.calls++
    if (isInTime) this.inTime++
    if (failure === undefined) this.latencies.record(ms)
    else {
      this.errors++
      this.firstError ??= failure
    }
  }

  outcome(seconds: number, lateness: LatencyCounts | undefined): RunOutcome {
    const { calls, errors, firstError, inTime, latencies } = this
    return {
      calls,
      errors,
      firstError,
      inTime,
      seconds,
      latencies: latencies.finish(),
      lateness: lateness?.finish(),
    }
  }
}

/** Errors after which a run is given up: what it measures is no longer what it was meant to. */
export const maxErrors = 1_000
