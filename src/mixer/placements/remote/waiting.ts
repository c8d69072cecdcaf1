import type { AdapterError } from '@outboard/adapters-sdk'
import type { Clock } from '../../engine/ports.js'
import type { RemoteCall } from '../calls/remote-call.js'
import { failure } from '../failure.js'

/** Calls of one handler that may wait for a connection; one more is failed with ADAPTER_OVERLOADED. */
const maxWaiting = 1_024
/** How often those are let go whose time is over, milliseconds. */
const sweepMs = 50

/** Calls for which no connection stands yet, and one is expected. */
export class WaitingCalls {
  readonly #clock: Clock
  #calls: RemoteCall[] = []
  #sweeping = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(call: RemoteCall): void {
    if (this.#calls.length >= maxWaiting) {
      call.fail(failure('ADAPTER_OVERLOADED', `${maxWaiting} calls wait for the adapter to be connected`))
      return
    }
    this.#calls.push(call)
    this.#sweep()
  }

  /** All that wait, which then wait no more. */
  take(): readonly RemoteCall[] {
    const calls = this.#calls
    if (calls.length > 0) this.#calls = []
    return calls
  }

  failAll(error: AdapterError): void {
    for (const call of this.take()) call.fail(error)
  }

  #sweep(): void {
    if (this.#sweeping) return
    this.#sweeping = true
    this.#clock.after(sweepMs, () => {
      this.#sweeping = false
      const now = this.#clock.now()
      const late = this.#calls.filter(call => now >= call.deadline)
      this.#calls = this.#calls.filter(call => now < call.deadline && !call.settled)
      for (const call of late) {
        call.fail(failure('ADAPTER_TIMEOUT', 'The adapter was not connected before the deadline'))
      }
      if (this.#calls.length > 0) this.#sweep()
    })
  }
}
