import {
  AdapterError,
  type AdapterErrorCode,
  type Grant,
  type Produced,
  type QuotaRequest,
  type Verdict,
} from '@outboard/adapters-sdk'
import type { Counter, Histogram, Telemetry } from '../telemetry/index.js'
import { Breaker } from './breaker.js'
import type { Asking, CancelHook, Clock, HandlerSpec, PlacedHandler, Question } from './ports.js'

type Verb = 'check' | 'quota' | 'report' | 'produce'

/** What the engine says about a call; the guard adds its own deadline. */
export interface GuardedAsking {
  readonly dedupId: string
  /** The caller's deadline, milliseconds since the epoch; may be `Infinity`. */
  readonly deadline: number
  readonly traceparent: string | undefined
  /** Where the guard puts what to do when the caller goes away; undefined: nobody will tell. */
  readonly abandon: Abandon | undefined
}

/** Everything under way for one caller, so that it can be let go at once. */
export class Abandon {
  #waiting: Set<() => void> | undefined

  add(letGo: () => void): void {
    if (this.#waiting === undefined) this.#waiting = new Set()
    this.#waiting.add(letGo)
  }

  delete(letGo: () => void): void {
    this.#waiting?.delete(letGo)
  }

  all(): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting !== undefined) for (const letGo of waiting) letGo()
  }
}

/** Errors that say something about the handler's health; the others are the caller's doing or ours. */
const unhealthy: ReadonlySet<AdapterErrorCode> = new Set([
  'ADAPTER_TIMEOUT',
  'ADAPTER_UNAVAILABLE',
  'ADAPTER_CRASHED',
  'ADAPTER_PROTOCOL',
  'ADAPTER_LIMIT',
  'ADAPTER_DRAINING',
  'ADAPTER_UNCONFIGURED',
])

class Meter {
  readonly #byOutcome = new Map<string, Counter>()
  readonly duration: Histogram

  constructor(
    private readonly telemetry: Telemetry,
    private readonly labels: Readonly<Record<string, string>>,
  ) {
    this.duration = telemetry.histogram('outboard_handler_duration_seconds', labels)
  }

  count(outcome: string): void {
    let counter = this.#byOutcome.get(outcome)
    if (counter === undefined) {
      counter = this.telemetry.counter('outboard_handler_calls_total', { ...this.labels, outcome })
      this.#byOutcome.set(outcome, counter)
    }
    counter.add(1)
  }
}

/**
 * Stands between the engine and one handler: a deadline, a bound on calls at once, a circuit breaker, and the counts.
 * Whatever goes wrong comes back as an {@link AdapterError}; it never rejects and never waits past the deadline.
 */
export class Guard {
  readonly breaker: Breaker
  readonly #meters: Record<Verb, Meter>
  #inFlight = 0

  constructor(
    readonly spec: HandlerSpec,
    readonly handler: PlacedHandler,
    private readonly clock: Clock,
    private readonly telemetry: Telemetry,
  ) {
    this.breaker = new Breaker(spec.guard.breaker, clock)
    const meter = (verb: Verb) =>
      new Meter(telemetry, {
        handler: spec.id,
        adapter: spec.adapter,
        placement: handler.status().placement,
        verb,
      })
    this.#meters = {
      check: meter('check'),
      quota: meter('quota'),
      report: meter('report'),
      produce: meter('produce'),
    }
  }

  get inFlight(): number {
    return this.#inFlight
  }

  check(question: Question, asking: GuardedAsking): Promise<Verdict> {
    return this.#run<Verdict>(
      'check',
      question,
      asking,
      inner => this.handler.check(question, inner),
      verdict => (verdict.kind === 'failed' ? verdict.error : undefined),
      error => ({ kind: 'failed', error }),
      verdict => (verdict.kind === 'deny' ? 'denied' : 'ok'),
    )
  }

  quota(question: Question, request: QuotaRequest, asking: GuardedAsking): Promise<Grant> {
    return this.#run<Grant>(
      'quota',
      question,
      asking,
      inner => this.handler.quota(question, request, inner),
      grant => (grant.kind === 'failed' ? grant.error : undefined),
      error => ({ kind: 'failed', error }),
      grant =>
        grant.kind === 'refused' || (grant.kind === 'granted' && grant.amount === 0n) ? 'denied' : 'ok',
    )
  }

  produce(question: Question, asking: GuardedAsking): Promise<Produced | AdapterError> {
    return this.#run<Produced | AdapterError>(
      'produce',
      question,
      asking,
      inner => this.handler.produce(question, inner),
      produced => (produced instanceof AdapterError ? produced : undefined),
      error => error,
      () => 'ok',
    )
  }

  /** All questions are of one template; at least one. */
  report(questions: readonly Question[], asking: GuardedAsking): Promise<AdapterError | undefined> {
    const first = questions[0]
    if (first === undefined) return Promise.resolve(undefined)
    return this.#run<AdapterError | undefined>(
      'report',
      first,
      asking,
      inner => this.handler.report(questions, inner),
      error => error,
      error => error,
      () => 'ok',
    )
  }

  #run<Answer>(
    verb: Verb,
    question: Question,
    asking: GuardedAsking,
    send: (asking: Asking) => Promise<Answer>,
    errorOf: (answer: Answer) => AdapterError | undefined,
    failed: (error: AdapterError) => Answer,
    outcomeOf: (answer: Answer) => string,
  ): Promise<Answer> {
    const meter = this.#meters[verb]
    const { guard, id } = this.spec
    const refuse = (code: AdapterErrorCode, why: string): Promise<Answer> => {
      meter.count(code)
      return Promise.resolve(failed(new AdapterError(code, `Cannot ask handler "${id}": ${why}`)))
    }
    if (this.#inFlight >= guard.maxConcurrency)
      return refuse('ADAPTER_OVERLOADED', `${guard.maxConcurrency} calls are under way, which is its limit`)
    if (this.breaker.admit() === 'refuse')
      return refuse(
        'ADAPTER_UNAVAILABLE',
        `its circuit breaker is open after ${guard.breaker.failures} failures in a row`,
      )

    const startedAt = this.clock.now()
    const ownDeadline = startedAt + guard.deadlineMs
    const callersIsFirst = asking.deadline < ownDeadline
    const deadline = callersIsFirst ? asking.deadline : ownDeadline
    const span = this.telemetry.span(
      `${question.template.name}:${this.spec.displayName}(${this.spec.adapter})`,
      asking.traceparent,
      { 'outboard.handler': id, 'outboard.adapter': this.spec.adapter, 'outboard.verb': verb },
    )
    const hook: CancelHook = { cancelled: undefined }
    this.#inFlight++

    return new Promise<Answer>(resolve => {
      let settled = false
      const settle = (answer: Answer): void => {
        if (settled) return // late, or twice: the guard has answered already
        settled = true
        this.#inFlight--
        stopTimer()
        asking.abandon?.delete(letGo)
        const error = errorOf(answer)
        if (error === undefined) {
          this.breaker.succeeded()
          meter.count(outcomeOf(answer))
        } else {
          if (!unhealthy.has(error.code) || (error.code === 'ADAPTER_TIMEOUT' && callersIsFirst))
            this.breaker.abandoned()
          else this.breaker.failed()
          meter.count(error.code)
        }
        meter.duration.record((this.clock.now() - startedAt) / 1_000)
        span?.end(error?.message)
        resolve(answer)
      }
      const giveUp = (code: AdapterErrorCode, why: string): void => {
        if (settled) return
        hook.cancelled?.()
        settle(failed(new AdapterError(code, `Handler "${id}" was asked to ${verb}: ${why}`)))
      }
      const letGo = (): void => giveUp('ADAPTER_CANCELLED', 'its caller went away')
      const stopTimer = this.clock.after(deadline - startedAt, () =>
        giveUp('ADAPTER_TIMEOUT', `no answer within ${Math.round(deadline - startedAt)} ms`),
      )
      asking.abandon?.add(letGo)
      let sent: Promise<Answer>
      try {
        sent = send({
          dedupId: asking.dedupId,
          deadline,
          traceparent: span?.traceparent ?? asking.traceparent,
          onCancel: hook,
        })
      } catch (cause) {
        settle(failed(crashed(id, verb, cause)))
        return
      }
      sent.then(settle, (cause: unknown) => settle(failed(crashed(id, verb, cause))))
    })
  }
}

function crashed(id: string, verb: Verb, cause: unknown): AdapterError {
  return new AdapterError(
    'ADAPTER_CRASHED',
    `Handler "${id}" threw when asked to ${verb}: ${String(cause)}`,
    { cause },
  )
}
