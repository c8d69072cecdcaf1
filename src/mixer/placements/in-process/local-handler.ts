import type {
  AdapterError,
  Call,
  Grant,
  Handler,
  Instance,
  Produced,
  QuotaRequest,
  Verdict,
} from '@outboard/adapters-sdk'
import type { Asking, Clock, HandlerStatus, PlacedHandler, Question } from '../../engine/ports.js'
import { InFlight } from '../calls/in-flight.js'
import { crashed, failedWith, failure } from '../failure.js'
import { notAnAnswer, problemOfGrant, problemOfProduced, problemOfVerdict } from './answers.js'
import { LocalCall } from './local-call.js'

/**
 * A handler that is an object of this process. Per call: one `LocalCall`, one promise besides the adapter's own.
 * Whatever the adapter throws or answers, the promise given out resolves.
 */
export class LocalHandler implements PlacedHandler {
  readonly form = 'record'
  readonly #handler: Handler
  readonly #id: string
  readonly #clock: Clock
  readonly #since: number
  readonly #inFlight = new InFlight()
  #closing: Promise<void> | undefined

  constructor(handler: Handler, id: string, clock: Clock) {
    this.#handler = handler
    this.#id = id
    this.#clock = clock
    this.#since = clock.now()
  }

  check(question: Question, asking: Asking): Promise<Verdict> {
    const refusal = this.#refusal(question)
    if (refusal !== undefined) return Promise.resolve(failedWith(refusal))
    try {
      this.#inFlight.entered()
      return this.#handler.check(recordOf(question), this.#call(asking)).then(this.#checked, this.#failed)
    } catch (thrown) {
      return Promise.resolve(this.#failed(thrown))
    }
  }

  quota(question: Question, request: QuotaRequest, asking: Asking): Promise<Grant> {
    const refusal = this.#refusal(question)
    if (refusal !== undefined) return Promise.resolve(failedWith(refusal))
    try {
      this.#inFlight.entered()
      return this.#handler
        .quota(recordOf(question), request, this.#call(asking))
        .then(this.#granted, this.#failed)
    } catch (thrown) {
      return Promise.resolve(this.#failed(thrown))
    }
  }

  report(questions: readonly Question[], asking: Asking): Promise<AdapterError | undefined> {
    for (const question of questions) {
      const refusal = this.#refusal(question)
      if (refusal !== undefined) return Promise.resolve(refusal)
    }
    try {
      this.#inFlight.entered()
      return this.#handler
        .report(questions.map(recordOf), this.#call(asking))
        .then(this.#delivered, this.#broken)
    } catch (thrown) {
      return Promise.resolve(this.#broken(thrown))
    }
  }

  produce(question: Question, asking: Asking): Promise<Produced | AdapterError> {
    const refusal = this.#refusal(question)
    if (refusal !== undefined) return Promise.resolve(refusal)
    try {
      this.#inFlight.entered()
      return this.#handler.produce(recordOf(question), this.#call(asking)).then(this.#produced, this.#broken)
    } catch (thrown) {
      return Promise.resolve(this.#broken(thrown))
    }
  }

  status(): HandlerStatus {
    const draining = this.#closing !== undefined
    return {
      placement: 'in-process',
      endpoints: [
        {
          address: 'in-process',
          state: draining ? 'draining' : 'ready',
          reason: draining ? 'closing' : 'part of this process',
          inFlight: this.#inFlight.count,
          since: this.#since,
        },
      ],
    }
  }

  close(graceMs: number): Promise<void> {
    this.#closing ??= this.#close(graceMs)
    return this.#closing
  }

  async #close(graceMs: number): Promise<void> {
    await this.#inFlight.drained(graceMs, this.#clock)
    let stop = () => {}
    const grace = new Promise<void>(resolve => {
      stop = this.#clock.after(graceMs, resolve)
    })
    // An adapter's close may throw or hang; neither may hold up the snapshot that replaces it.
    const closed = (async () => this.#handler.close())().catch(() => {})
    await Promise.race([closed, grace])
    stop()
  }

  #refusal(question: Question): AdapterError | undefined {
    if (this.#closing !== undefined) {
      return failure('ADAPTER_DRAINING', `Handler "${this.#id}" is closing and takes nothing new`)
    }
    if (question.record === undefined) {
      return failure('ADAPTER_PROTOCOL', `Instance "${question.instanceName}" came without its record`)
    }
    return undefined
  }

  #call(asking: Asking): Call {
    return new LocalCall(asking, this.#clock)
  }

  // Made once a handler, so that a call makes no closure of its own.
  readonly #checked = (answer: Verdict): Verdict => {
    this.#inFlight.left()
    const problem = problemOfVerdict(answer)
    return problem === undefined ? answer : failedWith(notAnAnswer(this.#id, 'check', problem))
  }

  readonly #granted = (answer: Grant): Grant => {
    this.#inFlight.left()
    const problem = problemOfGrant(answer)
    return problem === undefined ? answer : failedWith(notAnAnswer(this.#id, 'quota', problem))
  }

  readonly #produced = (answer: Produced): Produced | AdapterError => {
    this.#inFlight.left()
    const problem = problemOfProduced(answer)
    return problem === undefined ? answer : notAnAnswer(this.#id, 'produce', problem)
  }

  readonly #delivered = (): undefined => {
    this.#inFlight.left()
  }

  readonly #failed = (thrown: unknown) => failedWith(this.#broken(thrown))

  readonly #broken = (thrown: unknown): AdapterError => {
    this.#inFlight.left()
    return crashed(this.#id, thrown)
  }
}

function recordOf(question: Question): Instance {
  if (question.record === undefined) throw new TypeError(`no record for "${question.instanceName}"`)
  return question.record
}
