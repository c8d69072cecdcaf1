import { codeName } from '@outboard/adapters-sdk'
import type { Clock } from '../engine/ports.js'
import type { Counter, Histogram, Telemetry } from '../telemetry/index.js'
import { type Answer, Refusal } from './service.js'

/** Counts and times the calls of one method of a door; labels are settled once for each code. */
export class MethodCounts {
  readonly #counters = new Map<number, Counter>()
  readonly #seconds: Histogram
  readonly #telemetry: Telemetry
  readonly #clock: Clock
  readonly #labels: { readonly door: string; readonly method: string }

  constructor(telemetry: Telemetry, clock: Clock, door: string, method: string) {
    this.#telemetry = telemetry
    this.#clock = clock
    this.#labels = { door, method }
    this.#seconds = telemetry.histogram('door_seconds', this.#labels)
    this.#counter(0)
  }

  /** Milliseconds, for `done`. */
  begin(): number {
    return this.#clock.now()
  }

  /** A call was answered; passes the answer on. */
  done(begun: number, answer: Answer): Answer {
    this.#seconds.record((this.#clock.now() - begun) / 1_000)
    this.#counter(answer instanceof Refusal ? answer.code : 0).add(1)
    return answer
  }

  #counter(code: number): Counter {
    let counter = this.#counters.get(code)
    if (counter === undefined) {
      counter = this.#telemetry.counter('door_requests', { ...this.#labels, code: codeName(code) })
      this.#counters.set(code, counter)
    }
    return counter
  }
}

/** Counters that differ in one label only. All are made at once, so that a rate is right from the first event. */
export class Tally<Reason extends string> {
  readonly #counters: ReadonlyMap<Reason, Counter>

  constructor(reasons: readonly Reason[], make: (reason: Reason) => Counter) {
    this.#counters = new Map(reasons.map(reason => [reason, make(reason)]))
  }

  add(reason: Reason, amount = 1): void {
    this.#counters.get(reason)?.add(amount)
  }
}
