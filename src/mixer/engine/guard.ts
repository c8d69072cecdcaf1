import {
  AdapterError,
  type AdapterErrorCode,
  type Grant,
  type Produced,
  type QuotaRequest,
  type Verdict,
} from '@outboard/adapters-sdk'
import type { Counter, Histogram, SpanAttributes, Telemetry } from '../telemetry/index.js'
import { Breaker } from './breaker.js'
import {
  type AnswerKind,
  checks,
  type GuardedAsking,
  GuardedCall,
  produces,
  quotas,
  reports,
  type Verb,
} from './guarded-call.js'
import type { Asking, Clock, HandlerSpec, PlacedHandler, Question } from './ports.js'

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

interface HandlerLabels extends Readonly<Record<string, string>> {
  readonly handler: string
  readonly adapter: string
  readonly placement: string
  readonly verb: Verb
}

class Meter {
  readonly #byOutcome = new Map<string, Counter>()
  readonly duration: Histogram
  readonly spanAttributes: SpanAttributes

  constructor(
    private readonly telemetry: Telemetry,
    private readonly labels: HandlerLabels,
  ) {
    this.spanAttributes = {
      'outboard.handler': labels.handler,
      'outboard.adapter': labels.adapter,
      'outboard.verb': labels.verb,
    }
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
  readonly #spanNames = new Map<string, string>()
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
    return this.#run(checks, question, asking, inner => this.handler.check(question, inner))
  }

  quota(question: Question, request: QuotaRequest, asking: GuardedAsking): Promise<Grant> {
    return this.#run(quotas, question, asking, inner => this.handler.quota(question, request, inner))
  }

  produce(question: Question, asking: GuardedAsking): Promise<Produced | AdapterError> {
    return this.#run(produces, question, asking, inner => this.handler.produce(question, inner))
  }

  /** All questions are of one template; at least one. */
  report(questions: readonly Question[], asking: GuardedAsking): Promise<AdapterError | undefined> {
    const first = questions[0]
    if (first === undefined) return Promise.resolve(undefined)
    return this.#run(reports, first, asking, inner => this.handler.report(questions, inner))
  }

  #run<Answer>(
    kind: AnswerKind<Answer>,
    question: Question,
    asking: GuardedAsking,
    send: (asking: Asking) => Promise<Answer>,
  ): Promise<Answer> {
    const { guard, id } = this.spec
    if (asking.abandon?.isGone === true)
      return this.#refuse(kind, 'ADAPTER_CANCELLED', 'its caller went away')
    const now = this.clock.now()
    if (asking.deadline <= now) return this.#refuse(kind, 'ADAPTER_TIMEOUT', 'its caller has no time left')
    if (this.#inFlight >= guard.maxConcurrency)
      return this.#refuse(
        kind,
        'ADAPTER_OVERLOADED',
        `${guard.maxConcurrency} calls are under way, which is its limit`,
      )
    if (this.breaker.admit() === 'refuse')
      return this.#refuse(
        kind,
        'ADAPTER_UNAVAILABLE',
        `its circuit breaker is open after ${guard.breaker.failures} failures in a row`,
      )
    const span = this.telemetry.span(
      this.#spanName(question.template.name),
      asking.traceparent,
      this.#meters[kind.verb].spanAttributes,
    )
    this.#inFlight++
    const call = new GuardedCall(this, kind, asking, span, this.clock, now)
    let sent: Promise<Answer>
    try {
      sent = send(call)
    } catch (cause) {
      call.settle(kind.failed(crashed(id, kind.verb, cause)))
      return call.answer
    }
    sent.then(
      answer => call.settle(kind.accepted(answer, id)),
      (cause: unknown) => call.settle(kind.failed(crashed(id, kind.verb, cause))),
    )
    return call.answer
  }

  /** `<template>:<handler>(<adapter>)`, as upstream names them; made once, because most calls are not traced. */
  #spanName(template: string): string {
    let name = this.#spanNames.get(template)
    if (name === undefined) {
      name = `${template}:${this.spec.displayName}(${this.spec.adapter})`
      this.#spanNames.set(template, name)
    }
    return name
  }

  #refuse<Answer>(kind: AnswerKind<Answer>, code: AdapterErrorCode, why: string): Promise<Answer> {
    this.#meters[kind.verb].count(code)
    return Promise.resolve(
      kind.failed(new AdapterError(code, `Cannot ask handler "${this.spec.id}": ${why}`)),
    )
  }

  /** A call has its answer: what it says of the handler's health, and the counts. */
  ended<Answer>(kind: AnswerKind<Answer>, answer: Answer, seconds: number, callersDeadline: boolean): void {
    this.#inFlight--
    const meter = this.#meters[kind.verb]
    const error = kind.errorOf(answer)
    if (error === undefined) {
      this.breaker.succeeded()
      meter.count(kind.outcomeOf(answer))
    } else {
      if (!unhealthy.has(error.code) || (error.code === 'ADAPTER_TIMEOUT' && callersDeadline))
        this.breaker.abandoned()
      else this.breaker.failed()
      meter.count(error.code)
    }
    meter.duration.record(seconds)
  }
}

function crashed(id: string, verb: Verb, cause: unknown): AdapterError {
  return new AdapterError(
    'ADAPTER_CRASHED',
    `Handler "${id}" threw when asked to ${verb}: ${String(cause)}`,
    { cause },
  )
}
