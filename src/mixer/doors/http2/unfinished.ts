import type { Clock } from '../../engine/ports.js'
import type { Telemetry } from '../../telemetry/index.js'
import { Tally } from '../counting.js'

/** How often unfinished calls are looked at, milliseconds: so much later than its deadline a call may end. */
const lookEveryMs = 100

/** A call whose message is still arriving. */
export interface Unfinished {
  /** Where it stands in the list; the list's own. */
  place: number
  /** Time goes on: the call may end itself. It is not called again when it has left the list. */
  look(now: number): void
}

/**
 * The unary calls of a server whose message is not all there. One timer looks at all of them, and only while there are
 * any: nearly every call is here for a moment of one turn of the event loop, and must not pay for a timer of its own.
 */
export class UnfinishedCalls {
  /** The longest that a message may take, whatever deadline its caller has set. */
  readonly timeoutMs: number
  readonly late: Tally<'deadline' | 'timeout'>
  readonly #clock: Clock
  readonly #calls: Unfinished[] = []
  #stopTimer: (() => void) | undefined

  constructor(clock: Clock, timeoutMs: number, telemetry: Telemetry) {
    this.timeoutMs = timeoutMs
    this.late = new Tally(['deadline', 'timeout'], reason => telemetry.counter('door_unfinished', { reason }))
    this.#clock = clock
  }

  add(call: Unfinished): void {
    call.place = this.#calls.length
    this.#calls.push(call)
    if (this.#stopTimer === undefined) this.#wait()
  }

  /** Safe twice. */
  delete(call: Unfinished): void {
    const { place } = call
    if (place < 0) return
    call.place = -1
    const last = this.#calls.pop()
    if (last === undefined || last === call) return
    last.place = place
    this.#calls[place] = last
  }

  close(): void {
    this.#stopTimer?.()
    this.#stopTimer = undefined
  }

  #wait(): void {
    this.#stopTimer = this.#clock.after(lookEveryMs, () => {
      this.#stopTimer = undefined
      const now = this.#clock.now()
      // From the end: one that leaves is replaced by one that was looked at.
      for (let i = this.#calls.length - 1; i >= 0; i--) this.#calls[i]?.look(now)
      if (this.#calls.length > 0) this.#wait()
    })
  }
}
