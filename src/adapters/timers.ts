/** Delays as an argument, so that a test moves the clock. */
export interface Timers {
  /** Calls back once, not before `delayMs`; the answer cancels. Does not keep the process alive. */
  after(delayMs: number, callback: () => void): () => void
}

/** `setTimeout` takes 32 bits of milliseconds; a longer delay (a ttl of thirty days) would fire at once. */
const longestTimeoutMs = 2 ** 31 - 1

/** The timers of the process. */
export const systemTimers: Timers = {
  after(delayMs, callback) {
    let remainingMs = delayMs
    let timer: NodeJS.Timeout
    const arm = (): void => {
      const stepMs = Math.min(remainingMs, longestTimeoutMs)
      remainingMs -= stepMs
      timer = setTimeout(remainingMs > 0 ? arm : callback, stepMs)
      timer.unref()
    }
    arm()
    return () => clearTimeout(timer)
  },
}
