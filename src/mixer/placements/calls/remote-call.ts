import type { AdapterError, Grant, Produced, QuotaRequest, Verdict } from '@outboard/adapters-sdk'
import type { Asking, Question } from '../../engine/ports.js'
import { failedWith, failure } from '../failure.js'

/** Whatever carries a call to an adapter and may be told that nobody waits any more. */
export interface Carrier {
  cancel(call: RemoteCall): void
}

/** Whoever sent a call, and decides what becomes of it when a carrier fails it. */
export interface Sender {
  /** `sent: false`: no byte of it left this process, or the adapter said that it took nothing. */
  unanswered(call: RemoteCall, error: AdapterError, sent: boolean): void
  /** Whether the call can be asked at another endpoint now, and may be. */
  movable(call: RemoteCall): boolean
  /** The call has its answer, whichever. */
  settled(call: RemoteCall): void
}

/** The instances of a call as bytes, and how many they are. */
export interface Encoded {
  readonly instances: readonly Uint8Array[]
  readonly bytes: number
}

const noInstances: readonly Uint8Array[] = []

/**
 * One call on its way: what stands on the wire (the fields of the protocol's `WireCall`), who waits, and who carries it.
 * One object a call, all fields set in the constructor in one order; it is written to the frame as it stands.
 */
abstract class BaseCall<Answer> {
  id = 0
  handler = 0
  generation = 0
  template = 0
  deadlineMs = 0
  readonly dedupId: string
  readonly traceparent: string
  /** None any more when the call is settled. */
  instances: readonly Uint8Array[]
  readonly bytes: number
  /** Milliseconds since the epoch. */
  readonly deadline: number
  /** What is left of the question: not its bytes, which `instances` are. */
  readonly question: Pick<Question, 'instanceName' | 'template'>
  /** When it was handed to a carrier; for latency. */
  sentAt = 0
  attempts = 0
  carrier: Carrier | undefined = undefined
  settled = false
  readonly #sender: Sender
  readonly #resolve: (answer: Answer) => void

  constructor(
    sender: Sender,
    question: Question,
    encoded: Encoded,
    asking: Asking,
    resolve: (answer: Answer) => void,
  ) {
    this.dedupId = asking.dedupId
    this.traceparent = asking.traceparent ?? ''
    this.instances = encoded.instances
    this.bytes = encoded.bytes
    this.deadline = asking.deadline
    this.question = { instanceName: question.instanceName, template: question.template }
    this.#sender = sender
    this.#resolve = resolve
    if (asking.onCancel !== undefined) asking.onCancel.cancelled = () => this.cancel()
  }

  protected abstract failedAnswer(error: AdapterError): Answer
  protected abstract self(): RemoteCall

  /** Gives the answer to whoever waits; a second one is nobody's. */
  protected answered(answer: Answer): void {
    if (this.settled) return
    this.settled = true
    // Settled calls may be reachable from older ones until the next full collection; their bytes must not be, since bytes
    // that wait for it make it come many times as often.
    this.instances = noInstances
    this.#sender.settled(this.self())
    this.#resolve(answer)
  }

  /** There will be no answer. */
  fail(error: AdapterError): void {
    this.answered(this.failedAnswer(error))
  }

  /** The carrier could not get an answer; the sender may try another. */
  unanswered(error: AdapterError, sent: boolean): void {
    if (!this.settled) this.#sender.unanswered(this.self(), error, sent)
  }

  get movable(): boolean {
    return !this.settled && this.#sender.movable(this.self())
  }

  /** Nobody waits any more. The carrier keeps the place until the adapter has answered. */
  cancel(): void {
    if (this.settled) return
    const carrier = this.carrier
    this.fail(failure('ADAPTER_CANCELLED', `Nobody waits for "${this.question.instanceName}" any more`))
    carrier?.cancel(this.self())
  }
}

export class CheckCall extends BaseCall<Verdict> {
  readonly verb = 'check'
  readonly quota = undefined

  answer(verdict: Verdict): void {
    this.answered(verdict)
  }
  protected failedAnswer(error: AdapterError): Verdict {
    return failedWith(error)
  }
  protected self(): RemoteCall {
    return this
  }
}

export class QuotaCall extends BaseCall<Grant> {
  readonly verb = 'quota'
  readonly quota: QuotaRequest

  constructor(
    sender: Sender,
    question: Question,
    encoded: Encoded,
    asking: Asking,
    resolve: (answer: Grant) => void,
    quota: QuotaRequest,
  ) {
    super(sender, question, encoded, asking, resolve)
    this.quota = quota
  }

  answer(grant: Grant): void {
    this.answered(grant)
  }
  protected failedAnswer(error: AdapterError): Grant {
    return failedWith(error)
  }
  protected self(): RemoteCall {
    return this
  }
}

export class ReportCall extends BaseCall<AdapterError | undefined> {
  readonly verb = 'report'
  readonly quota = undefined

  answer(): void {
    this.answered(undefined)
  }
  protected failedAnswer(error: AdapterError): AdapterError {
    return error
  }
  protected self(): RemoteCall {
    return this
  }
}

export class ProduceCall extends BaseCall<Produced | AdapterError> {
  readonly verb = 'produce'
  readonly quota = undefined

  answer(produced: Produced): void {
    this.answered(produced)
  }
  protected failedAnswer(error: AdapterError): AdapterError {
    return error
  }
  protected self(): RemoteCall {
    return this
  }
}

export type RemoteCall = CheckCall | QuotaCall | ReportCall | ProduceCall
