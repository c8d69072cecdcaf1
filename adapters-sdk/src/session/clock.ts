/** Time as an argument. `now` is milliseconds since the epoch. */
export interface Clock {
  now(): number
  /** Calls back once, not before `delayMs`; the answer cancels. Does not keep the process alive. */
  after(delayMs: number, callback: () => void): () => void
}

/** The process's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(delayMs, 2_147_483_647))
    timer.unref()
    return () => clearTimeout(timer)
  },
}
