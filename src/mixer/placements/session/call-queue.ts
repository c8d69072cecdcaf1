import type { RemoteCall } from '../calls/remote-call.js'

/** Calls in order of arrival. Taking from the front costs the same however many there are. */
export class CallQueue {
  #calls: RemoteCall[] = []
  #head = 0
  /** Bytes of the instances of all calls in it. */
  bytes = 0

  get length(): number {
    return this.#calls.length - this.#head
  }

  push(call: RemoteCall): void {
    this.#calls.push(call)
    this.bytes += call.bytes
  }

  shift(): RemoteCall | undefined {
    const call = this.#calls[this.#head]
    if (call === undefined) return undefined
    this.#head += 1
    this.bytes -= call.bytes
    if (this.#head === this.#calls.length) {
      this.#calls = []
      this.#head = 0
    } else if (this.#head >= 1_024) {
      this.#calls = this.#calls.slice(this.#head)
      this.#head = 0
    }
    return call
  }

  /** Drops those that nobody waits for. */
  prune(): void {
    const waiting = this.takeAll().filter(call => !call.settled)
    for (const call of waiting) this.push(call)
  }

  takeAll(): readonly RemoteCall[] {
    const calls = this.#calls.slice(this.#head)
    this.#calls = []
    this.#head = 0
    this.bytes = 0
    return calls
  }
}
