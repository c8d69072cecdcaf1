import { performance } from 'node:perf_hooks'
import type { Clock } from './ports.js'

/** The real time, on the monotonic clock: a step of the machine's clock never makes a deadline early or late. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  after(delayMs, callback) {
    // setTimeout takes at most 2^31 - 1 ms; a longer wait than 24 days is none of ours.
    const timer = setTimeout(callback, Math.min(Math.max(0, delayMs), 2_147_483_647))
    timer.unref()
    return () => clearTimeout(timer)
  },
}
