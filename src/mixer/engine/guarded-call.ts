import {
  AdapterError,
  type AdapterErrorCode,
  type Grant,
  type Produced,
  type Verdict,
} from '@outboard/adapters-sdk'
import type { Span } from '../telemetry/index.js'
import { acceptedVerdict } from './accepted-verdict.js'
import type { Asking, CancelHook, Clock, HandlerSpec } from './ports.js'

export type Verb = 'check' | 'quota' | 'report' | 'produce'

/** What the engine says about a call; the guard adds its own deadline. */
export interface GuardedAsking {
  readonly dedupId: string
  /** When the answer is of no use to the caller any more, milliseconds since the epoch; may be `Infinity`. */
  readonly deadline: number
  readonly traceparent: string | undefined
  /** Where the guard puts what to do when the caller goes away; undefined: nobody will tell. */
  readonly abandon: Abandon | undefined
}

/** A call that can be let go; safe when it has ended. */
export interface Abandonable {
  abandon(): void
}

/**
 * Every call made for one caller, so that those under way can be let go at once, and none is begun afterwards. Ended ones
 * stay in the list: it lives no longer than its request, whose calls are few.
 */
export class Abandon {
  #calls: Abandonable[] | undefined = undefined
  #isGone = false

  /** Whether the caller has gone. */
  get isGone(): boolean {
    return this.#isGone
  }

  add(call: Abandonable): void {
    if (this.#isGone) call.abandon()
    else if (this.#calls === undefined) this.#calls = [call]
    else this.#calls.push(call)
  }

  all(): void {
    this.#isGone = true
    const calls = this.#calls
    this.#calls = undefined
    if (calls !== undefined) for (const call of calls) call.abandon()
  }
}

/** What the guard must know of the answers to a verb. */
export interface AnswerKind<Answer> {
  readonly verb: Verb
  errorOf(answer: Answer): AdapterError | undefined
  failed(error: AdapterError): Answer
  outcomeOf(answer: Answer): string
  /** The answer as the host goes on with it. */
  accepted(answer: Answer, handler: string): Answer
}

const asItIs = <Answer>(answer: Answer): Answer => answer

export const checks: AnswerKind<Verdict> = {
  verb: 'check',
  errorOf: verdict => (verdict.kind === 'failed' ? verdict.error : undefined),
  failed: error => ({ kind: 'failed', error }),
  outcomeOf: verdict => (verdict.kind === 'deny' ? 'denied' : 'ok'),
  accepted: acceptedVerdict,
}

export const quotas: AnswerKind<Grant> = {
  verb: 'quota',
  errorOf: grant => (grant.kind === 'failed' ? grant.error : undefined),
  failed: error => ({ kind: 'failed', error }),
  outcomeOf: grant =>
    grant.kind === 'refused' || (grant.kind === 'granted' && grant.amount === 0n) ? 'denied' : 'ok',
  accepted: asItIs,
}

export const produces: AnswerKind<Produced | AdapterError> = {
  verb: 'produce',
  errorOf: produced => (produced instanceof AdapterError ? produced : undefined),
  failed: error => error,
  outcomeOf: () => 'ok',
  accepted: asItIs,
}

export const reports: AnswerKind<AdapterError | undefined> = {
  verb: 'report',
  errorOf: error => error,
  failed: error => error,
  outcomeOf: () => 'ok',
  accepted: asItIs,
}

/** Who hears of a call's end. */
export interface CallOwner {
  readonly spec: HandlerSpec
  ended<Answer>(kind: AnswerKind<Answer>, answer: Answer, seconds: number, callersDeadline: boolean): void
}

/** One call under way, as the placement sees it, and everything that can end it. Exactly one thing does. */
export class GuardedCall<Answer> implements Asking, CancelHook, Abandonable {
  readonly dedupId: string
  readonly deadline: number
  readonly traceparent: string | undefined
  /** The placement's reaction when nobody waits any more. */
  cancelled: (() => void) | undefined
  readonly answer: Promise<Answer>
  readonly #startedAt: number
  readonly #stopTimer: () => void
  #resolve: ((answer: Answer) => void) | undefined

  constructor(
    private readonly guard: CallOwner,
    private readonly kind: AnswerKind<Answer>,
    private readonly asking: GuardedAsking,
    private readonly span: Span | undefined,
    private readonly clock: Clock,
    now: number,
  ) {
    this.#startedAt = now
    this.deadline = Math.min(asking.deadline, this.#startedAt + guard.spec.guard.deadlineMs)
    this.dedupId = asking.dedupId
    this.traceparent = span?.traceparent ?? asking.traceparent
    this.answer = new Promise<Answer>(resolve => {
      this.#resolve = resolve
    })
    const waitMs = this.deadline - this.#startedAt
    this.#stopTimer = clock.after(waitMs, () =>
      this.#giveUp('ADAPTER_TIMEOUT', `no answer within ${Math.round(waitMs)} ms`),
    )
    asking.abandon?.add(this)
  }

  abandon(): void {
    this.#giveUp('ADAPTER_CANCELLED', 'its caller went away')
  }

  get onCancel(): CancelHook {
    return this
  }

  settle(answer: Answer): void {
    const resolve = this.#resolve
    if (resolve === undefined) return // late, or twice: the guard has answered already
    this.#resolve = undefined
    this.#stopTimer()
    const seconds = (this.clock.now() - this.#startedAt) / 1_000
    this.guard.ended(this.kind, answer, seconds, this.deadline === this.asking.deadline)
    if (this.span !== undefined) this.span.end(this.kind.errorOf(answer)?.message)
    resolve(answer)
  }

  #giveUp(code: AdapterErrorCode, why: string): void {
    if (this.#resolve === undefined) return
    this.cancelled?.()
    const { verb } = this.kind
    const message = `Handler "${this.guard.spec.id}" was asked to ${verb}: ${why}`
    this.settle(this.kind.failed(new AdapterError(code, message)))
  }
}
