import { ProtocolError } from '@outboard/adapters-sdk/protocol'

/** Frames a second that are neither results nor answers to settings: pings, credits, logs, withdrawals, unknown ones. */
const perSecond = 1_000
/** How many may come at once. */
const burst = 2_000

/** Bounds what an adapter can make the host do without being asked. */
export class FrameBudget {
  #left = burst
  #at: number

  constructor(now: number) {
    this.#at = now
  }

  /** @throws {ProtocolError} `PROTOCOL_LIMIT` when there are too many. */
  spend(now: number): void {
    this.#left = Math.min(burst, this.#left + ((now - this.#at) / 1_000) * perSecond)
    this.#at = now
    this.#left -= 1
    if (this.#left < 0) {
      throw new ProtocolError('PROTOCOL_LIMIT', `More than ${perSecond} unasked frames a second`)
    }
  }
}
