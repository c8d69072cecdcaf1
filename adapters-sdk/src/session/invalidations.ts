import { Buffer } from 'node:buffer'
import type { Invalidate } from '../protocol/frames.js'
import type { Limits } from '../protocol/limits.js'
import type { Clock } from './clock.js'
import type { Schedule } from './outbox.js'

/** Keys that may wait for one handler; more of them withdraw everything of that handler, which is safe. */
const maxWaitingKeys = 1_024
/**
 * Frames a second, and at once. A host takes 1,000 a second of all that it did not ask for, logs and pings included; half of
 * that is ours. Beyond, withdrawals wait for each other, and share frames.
 */
const framesPerSecond = 500
/** How long they wait then, milliseconds; it is how much longer an answer may be given that was withdrawn. */
const gatherMs = 20
/** Bytes of a frame beside its keys, and of a key beside its text. */
const frameOverhead = 32
const keyOverhead = 6

/** What invalidations need of their session. */
export interface InvalidationsOwner {
  send(frame: Invalidate): void
  /** `true`: nothing can be sent now; `flush` is called when it can. */
  full(): boolean
}

/**
 * Gathers withdrawals of answers: during one turn of the event loop, while the pipe is full, and while there have been more
 * than a host takes.
 */
export class Invalidations {
  readonly #clock: Clock
  readonly #schedule: Schedule
  readonly #owner: InvalidationsOwner
  readonly #maxKeyBytes: number
  readonly #keysPerFrame: number
  /** By handler, the one that waits longest first. undefined: everything. */
  readonly #waiting = new Map<number, Set<string> | undefined>()
  /** Frames that may be sent now. */
  #left = framesPerSecond
  #at: number
  #stopTimer: (() => void) | undefined

  constructor(
    limits: Pick<Limits, 'cacheKeys' | 'cacheKeyBytes' | 'frameBytes'>,
    clock: Clock,
    schedule: Schedule,
    owner: InvalidationsOwner,
  ) {
    this.#clock = clock
    this.#at = clock.now()
    this.#schedule = schedule
    this.#owner = owner
    const room = limits.frameBytes - frameOverhead
    this.#maxKeyBytes = Math.min(limits.cacheKeyBytes, room - keyOverhead)
    const fitting = Math.floor(room / (this.#maxKeyBytes + keyOverhead))
    this.#keysPerFrame = Math.max(1, Math.min(limits.cacheKeys, fitting))
  }

  /** Withdraws a handler's answers: those under a key, or all. */
  add(handler: number, key: string | undefined): void {
    if (this.#waiting.size === 0) this.#schedule(this.flush)
    const keys = this.#waiting.get(handler)
    if (this.#waiting.has(handler) && keys === undefined) return
    if (key === undefined || (keys?.size ?? 0) >= maxWaitingKeys) this.#waiting.set(handler, undefined)
    else if (Buffer.byteLength(key) <= this.#maxKeyBytes) {
      this.#waiting.set(handler, (keys ?? new Set()).add(key))
    } else if (keys === undefined) {
      // No answer can stand under a key that is longer than the host takes.
      this.#waiting.set(handler, new Set())
    }
  }

  /** Sends what waits, unless the pipe is full, and as many frames as the host takes now. */
  readonly flush = (): void => {
    this.#refill()
    for (const [handler, keys] of this.#waiting) {
      if (this.#owner.full()) return
      if (this.#left < 1) {
        this.#stopTimer ??= this.#clock.after(gatherMs, this.#onTimer)
        return
      }
      this.#waiting.delete(handler)
      this.#send(handler, keys)
    }
  }

  /** Sends all that waits, a frame for each handler at most: the session ends. */
  end(): void {
    this.#stopTimer?.()
    for (const handler of this.#waiting.keys()) this.#owner.send({ kind: 'invalidate', handler, keys: [] })
    this.#waiting.clear()
  }

  readonly #onTimer = (): void => {
    this.#stopTimer = undefined
    this.flush()
  }

  #send(handler: number, keys: Set<string> | undefined): void {
    const frames = keys === undefined ? 1 : Math.ceil(keys.size / this.#keysPerFrame)
    if (keys === undefined || frames > this.#left) {
      this.#left--
      this.#owner.send({ kind: 'invalidate', handler, keys: [] })
      return
    }
    this.#left -= frames
    const list = [...keys]
    for (let i = 0; i < list.length; i += this.#keysPerFrame) {
      this.#owner.send({ kind: 'invalidate', handler, keys: list.slice(i, i + this.#keysPerFrame) })
    }
  }

  #refill(): void {
    const now = this.#clock.now()
    const passed = Math.max(0, now - this.#at)
    this.#at = now
    this.#left = Math.min(framesPerSecond, this.#left + (passed / 1_000) * framesPerSecond)
  }
}
