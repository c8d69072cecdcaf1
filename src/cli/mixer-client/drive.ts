/** Time, as the driver needs it. */
export interface DriveClock {
  /** Milliseconds; only differences matter. */
  now(): number
  wait(ms: number): Promise<void>
}

export interface DrivePlan {
  readonly repeat: number
  readonly concurrency: number
  /** Starts a second over all workers; undefined: no limit. */
  readonly ratePerSecond: number | undefined
}

/**
 * Calls `once` `repeat` times in each of `concurrency` workers, with its running number from 0. Under a rate, the n-th
 * call starts no earlier than n intervals after the first, so that a slow answer does not lower the rate for good.
 */
export async function drive(
  plan: DrivePlan,
  clock: DriveClock,
  once: (index: number) => Promise<void>,
): Promise<void> {
  const { repeat, concurrency, ratePerSecond } = plan
  const total = repeat * concurrency
  const began = clock.now()
  let next = 0
  const worker = async () => {
    while (next < total) {
      const index = next++
      if (ratePerSecond !== undefined) {
        const early = began + (index * 1_000) / ratePerSecond - clock.now()
        if (early > 0) await clock.wait(early)
      }
      await once(index)
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, total) }, worker))
}

/** The real time. */
export const realClock: DriveClock = {
  now: () => performance.now(),
  wait: ms => new Promise(resolve => setTimeout(resolve, ms)),
}
