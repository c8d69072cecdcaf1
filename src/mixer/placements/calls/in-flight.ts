import type { Clock } from '../../engine/ports.js'

/** Counts calls under way and lets a closer wait for the last of them. */
export class InFlight {
  count = 0
  #idle: (() => void) | undefined

  entered(): void {
    this.count += 1
  }

  left(): void {
    this.count -= 1
    if (this.count === 0) this.#idle?.()
  }

  /** Resolves when nothing is under way, at the latest after `graceMs`. One waiter at a time. */
  drained(graceMs: number, clock: Clock): Promise<void> {
    if (this.count === 0) return Promise.resolve()
    return new Promise(resolve => {
      const stop = clock.after(graceMs, resolve)
      this.#idle = () => {
        stop()
        resolve()
      }
    })
  }
}
