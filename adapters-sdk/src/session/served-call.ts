import type { Call } from '../contract.js'
import type { Clock } from './clock.js'

/**
 * The circumstances of a call that came over a wire. Most verbs never look at the signal, so that it is made on first
 * use, and with it the timer that aborts it at the deadline.
 */
export class ServedCall implements Call {
  readonly dedupId: string
  readonly deadline: number
  readonly traceparent: string | undefined
  readonly #clock: Clock
  #state: 'underway' | 'cancelled' | 'settled' = 'underway'
  #controller: AbortController | undefined = undefined
  #stopTimer: (() => void) | undefined = undefined

  /** @param deadline milliseconds since the epoch; `Infinity`: none. */
  constructor(dedupId: string, deadline: number, traceparent: string, clock: Clock) {
    this.dedupId = dedupId
    this.deadline = deadline
    this.traceparent = traceparent === '' ? undefined : traceparent
    this.#clock = clock
  }

  get signal(): AbortSignal {
    if (this.#controller !== undefined) return this.#controller.signal
    const controller = new AbortController()
    this.#controller = controller
    if (this.#state === 'cancelled') controller.abort()
    else if (this.#state === 'underway' && this.deadline !== Number.POSITIVE_INFINITY) {
      const left = this.deadline - this.#clock.now()
      if (left <= 0) controller.abort()
      else this.#stopTimer = this.#clock.after(left, () => controller.abort())
    }
    return controller.signal
  }

  /** `true` after `cancel`. */
  get cancelled(): boolean {
    return this.#state === 'cancelled'
  }

  /** Nobody waits any more. */
  cancel(): void {
    if (this.#state !== 'underway') return
    this.#state = 'cancelled'
    this.#stopTimer?.()
    this.#controller?.abort()
  }

  /** The handler has answered: the timer goes. */
  settle(): void {
    this.#stopTimer?.()
    if (this.#state === 'underway') this.#state = 'settled'
  }
}
