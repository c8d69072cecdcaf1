import type { Call } from '@outboard/adapters-sdk'
import type { Asking, Clock } from '../../engine/ports.js'

/**
 * The circumstances of one call, as an adapter in this process sees them. The signal is made on first use: most
 * adapters never look, and an AbortController with its timer costs more than the whole call.
 */
export class LocalCall implements Call {
  readonly dedupId: string
  readonly deadline: number
  readonly traceparent: string | undefined
  readonly #clock: Clock
  #controller: AbortController | undefined
  #gone: boolean

  constructor(asking: Asking, clock: Clock) {
    this.dedupId = asking.dedupId
    this.deadline = asking.deadline
    this.traceparent = asking.traceparent
    this.#clock = clock
    this.#controller = undefined
    this.#gone = false
    if (asking.onCancel !== undefined) asking.onCancel.cancelled = () => this.#abort()
  }

  get signal(): AbortSignal {
    if (this.#controller !== undefined) return this.#controller.signal
    const controller = new AbortController()
    this.#controller = controller
    if (this.#gone) {
      controller.abort()
    } else if (Number.isFinite(this.deadline)) {
      const stop = this.#clock.after(Math.max(0, this.deadline - this.#clock.now()), () => this.#abort())
      controller.signal.addEventListener('abort', stop, { once: true })
    }
    return controller.signal
  }

  #abort(): void {
    this.#gone = true
    this.#controller?.abort()
  }
}
