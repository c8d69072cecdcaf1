import { Buffer } from 'node:buffer'
import type { Invalidate } from '../protocol/frames.js'
import type { Limits } from '../protocol/limits.js'
import type { Schedule } from './outbox.js'

/** Keys that may wait for one handler; more of them withdraw everything of that handler, which is safe. */
const maxWaitingKeys = 1_024

/** What invalidations need of their session. */
export interface InvalidationsOwner {
  send(frame: Invalidate): void
  /** `true`: nothing can be sent now; `flush` is called when it can. */
  full(): boolean
}

/** Gathers withdrawals of answers during one turn of the event loop, and while the pipe is full. */
export class Invalidations {
  readonly #limits: Pick<Limits, 'cacheKeys' | 'cacheKeyBytes'>
  readonly #schedule: Schedule
  readonly #owner: InvalidationsOwner
  /** undefined: everything. */
  readonly #waiting = new Map<number, Set<string> | undefined>()

  constructor(
    limits: Pick<Limits, 'cacheKeys' | 'cacheKeyBytes'>,
    schedule: Schedule,
    owner: InvalidationsOwner,
  ) {
    this.#limits = limits
    this.#schedule = schedule
    this.#owner = owner
  }

  /** Withdraws a handler's answers: those under a key, or all. */
  add(handler: number, key: string | undefined): void {
    if (this.#waiting.size === 0) this.#schedule(this.flush)
    const keys = this.#waiting.get(handler)
    if (this.#waiting.has(handler) && keys === undefined) return
    if (key === undefined || (keys?.size ?? 0) >= maxWaitingKeys) this.#waiting.set(handler, undefined)
    else if (Buffer.byteLength(key) <= this.#limits.cacheKeyBytes) {
      this.#waiting.set(handler, (keys ?? new Set()).add(key))
    } else if (keys === undefined) {
      // No answer can stand under a key that is longer than the host takes.
      this.#waiting.set(handler, new Set())
    }
  }

  /** Sends what waits, unless the pipe is full. */
  readonly flush = (): void => {
    if (this.#owner.full()) return
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const [handler, keys] of waiting) {
      if (keys === undefined) this.#owner.send({ kind: 'invalidate', handler, keys: [] })
      else {
        const list = [...keys]
        for (let i = 0; i < list.length; i += this.#limits.cacheKeys) {
          this.#owner.send({ kind: 'invalidate', handler, keys: list.slice(i, i + this.#limits.cacheKeys) })
        }
      }
    }
  }
}
