import { CallTable } from '../protocol/call-table.js'
import { ProtocolError } from '../protocol/errors.js'
import type { Cancel, WireCall, WireResult } from '../protocol/frames.js'
import type { TemplateDefinition } from '../template.js'
import { decodeInstance } from '../templates/index.js'
import { failed, failure, grantResult, producedResult, verdictResult } from './answers.js'
import type { Clock } from './clock.js'
import { ServedCall } from './served-call.js'
import type { ReadyHandler, SessionHandlers } from './session-handlers.js'

/** A call whose result has not been sent. */
interface Pending {
  readonly id: number
  readonly target: ReadyHandler
  readonly call: ServedCall
  readonly bytes: number
}

/** What the calls need of their session. */
export interface CallsOwner {
  /** Sends a result, and with it so much credit. `isLast`: no other call is under way. */
  result(result: WireResult, credits: number, isLast: boolean): void
  /** The last call under way has its result. */
  idle(): void
  /** A handler threw while somebody waited for it. */
  crashed(thrown: unknown): void
}

/** Calls are not looked at more often than this, milliseconds: that is how late the answer to a deadline may be. */
const sweepMs = 10

export interface CallsLimits {
  readonly credits: number
  readonly bytesInFlight: number
}

/**
 * The calls of one session. Each call takes a credit and gets exactly one result, which gives the credit back: whether
 * it is answered, refused, cancelled, or given up at its deadline.
 */
export class SessionCalls {
  readonly #handlers: SessionHandlers
  readonly #limits: CallsLimits
  readonly #clock: Clock
  readonly #owner: CallsOwner
  readonly #pending = new CallTable<Pending>()
  #lastId = 0
  #credit: number
  #bytes = 0
  /** While the calls of a frame begin, one that is answered at once is not the last. */
  #starting = false
  /** Handlers that never answered, beyond their deadline. They hold memory, so that too many keep their credit. */
  #overdue = 0
  /** When the calls are looked at for the next time. */
  #sweepAt = Number.POSITIVE_INFINITY
  #stopSweep: () => void = () => {}

  constructor(handlers: SessionHandlers, limits: CallsLimits, clock: Clock, owner: CallsOwner) {
    this.#handlers = handlers
    this.#limits = limits
    this.#clock = clock
    this.#owner = owner
    this.#credit = limits.credits
  }

  /** Calls without a result. */
  get underway(): number {
    return this.#pending.size
  }

  /**
   * Starts the calls of one frame.
   * @throws {ProtocolError} `PROTOCOL_DUPLICATE_CALL`, `PROTOCOL_NO_CREDIT`
   */
  start(calls: readonly WireCall[]): void {
    this.#starting = true
    try {
      this.#startAll(calls)
    } finally {
      this.#starting = false
    }
  }

  #startAll(calls: readonly WireCall[]): void {
    const now = this.#clock.now()
    for (const call of calls) {
      if (call.id <= this.#lastId) {
        throw new ProtocolError('PROTOCOL_DUPLICATE_CALL', `Call ${call.id} came after call ${this.#lastId}`)
      }
      if (this.#credit === 0) {
        throw new ProtocolError('PROTOCOL_NO_CREDIT', `Call ${call.id} came without credit`)
      }
      this.#lastId = call.id
      this.#credit--
      this.#start(call, now)
    }
  }

  /** Tells the handlers; the results come all the same. Ids that have theirs are ignored. */
  cancel(frame: Cancel): void {
    for (const id of frame.ids) this.#pending.get(id)?.call.cancel()
  }

  /** Answers the calls whose deadline has passed, and whose handlers still have not; then waits for the next deadline. */
  readonly #sweep = (): void => {
    const now = this.#clock.now()
    let next = Number.POSITIVE_INFINITY
    for (const pending of this.#pending.values()) {
      const { deadline } = pending.call
      if (deadline > now) {
        if (deadline < next) next = deadline
        continue
      }
      pending.call.cancel()
      this.#overdue++
      this.#settle(
        pending,
        failed(pending.id, 'ADAPTER_TIMEOUT', 'The handler did not answer before the deadline'),
      )
    }
    this.#sweepAt = Number.POSITIVE_INFINITY
    if (next !== Number.POSITIVE_INFINITY) this.#sweepBy(Math.max(next, now + sweepMs))
  }

  /** One timer for all calls: it stands at the nearest deadline that there was when it was set, or before it. */
  #sweepBy(at: number): void {
    this.#stopSweep()
    this.#sweepAt = at
    this.#stopSweep = this.#clock.after(at - this.#clock.now(), this.#sweep)
  }

  /** Nobody will hear the results any more. */
  abandon(): void {
    for (const pending of this.#pending.values()) {
      pending.call.cancel()
      pending.target.left()
    }
    this.#stopSweep()
    this.#pending.clear()
  }

  #start(wire: WireCall, now: number): void {
    const { id } = wire
    const target = this.#handlers.find(wire.handler, wire.generation)
    if (target === undefined) {
      const which = `Handler ${wire.handler} generation ${wire.generation}`
      this.#refuse(failed(id, 'ADAPTER_UNCONFIGURED', `${which} is not open here`))
      return
    }
    let bytes = 0
    for (const instance of wire.instances) bytes += instance.length
    if (this.#bytes + bytes > this.#limits.bytesInFlight) {
      const message = `More than ${this.#limits.bytesInFlight} bytes of instances are in flight`
      this.#refuse(failed(id, 'ADAPTER_OVERLOADED', message))
      return
    }
    const template = target.templates[wire.template]
    if (template === undefined) {
      this.#refuse(failed(id, 'ADAPTER_PROTOCOL', `The handler's adapter has no template ${wire.template}`))
      return
    }
    const deadline = wire.deadlineMs === 0 ? Number.POSITIVE_INFINITY : now + wire.deadlineMs
    const call = new ServedCall(wire.dedupId, deadline, wire.traceparent, this.#clock)
    const pending: Pending = { id, target, call, bytes }
    this.#pending.add(pending)
    target.entered()
    if (deadline < this.#sweepAt) this.#sweepBy(deadline)
    this.#bytes += bytes
    try {
      this.#ask(target, template, wire, pending)
    } catch (thrown) {
      this.#broken(pending, thrown)
    }
  }

  /** @throws when an instance cannot be decoded, or the verb does not fit the template. */
  #ask(target: ReadyHandler, template: TemplateDefinition, wire: WireCall, pending: Pending): void {
    const { id, verb, instances } = wire
    const { handler } = target
    if (verbOf(template) !== verb || instances.length === 0 || (verb !== 'report' && instances.length > 1)) {
      const what = `verb ${verb} with ${instances.length} instance(s)`
      this.#settle(pending, failed(id, 'ADAPTER_PROTOCOL', `Template ${template.name} does not take ${what}`))
      return
    }
    const first = instances[0]
    if (first === undefined) return
    switch (verb) {
      case 'check':
        this.#await(pending, handler.check(decodeInstance(template, first), pending.call), verdict =>
          verdictResult(id, template, verdict),
        )
        return
      case 'quota': {
        const asked = wire.quota ?? { amount: 0n, bestEffort: false }
        this.#await(pending, handler.quota(decodeInstance(template, first), asked, pending.call), grant =>
          grantResult(id, grant),
        )
        return
      }
      case 'report': {
        const decoded = instances.map(instance => decodeInstance(template, instance))
        this.#await(pending, handler.report(decoded, pending.call), () => ({ kind: 'reported', id }))
        return
      }
      case 'produce':
        this.#await(pending, handler.produce(decodeInstance(template, first), pending.call), produced =>
          producedResult(id, template, produced),
        )
        return
    }
  }

  /** Sends what the handler answers, as `result` makes it; whatever goes wrong on the way is a failed answer. */
  #await<Answer>(pending: Pending, answer: Promise<Answer>, result: (answer: Answer) => WireResult): void {
    const broken = (thrown: unknown) => this.#broken(pending, thrown)
    // One `then` with both, because each further one costs a lone call about a microsecond.
    answer.then(value => {
      try {
        this.#settle(pending, result(value))
      } catch (thrown) {
        broken(thrown)
      }
    }, broken)
  }

  #broken(pending: Pending, thrown: unknown): void {
    const { id, call } = pending
    // One that was told to stop, and does it by throwing, has done as it should.
    if (!call.cancelled && call.deadline > this.#clock.now()) this.#owner.crashed(thrown)
    this.#settle(pending, failure(id, thrown))
  }

  #refuse(result: WireResult): void {
    this.#credit++
    this.#owner.result(result, 1, false)
  }

  /** Sends a call's result, unless it has had one. */
  #settle(pending: Pending, result: WireResult): void {
    if (!this.#pending.delete(pending.id)) {
      if (this.#overdue > 0) this.#overdue--
      return
    }
    this.#bytes -= pending.bytes
    pending.call.settle()
    const credits = this.#overdue > this.#limits.credits ? 0 : 1
    this.#credit += credits
    const cancelled = pending.call.cancelled && result.kind === 'failed' && result.code === 'ADAPTER_CRASHED'
    const isIdle = this.#pending.size === 0
    const isLast = isIdle && !this.#starting
    this.#owner.result(cancelled ? { ...result, code: 'ADAPTER_CANCELLED' } : result, credits, isLast)
    pending.target.left()
    if (isIdle) this.#owner.idle()
  }
}

/** The verb that a template's variety takes. */
function verbOf(template: TemplateDefinition): WireCall['verb'] {
  switch (template.variety) {
    case 'CHECK':
    case 'CHECK_WITH_OUTPUT':
      return 'check'
    case 'QUOTA':
      return 'quota'
    case 'REPORT':
      return 'report'
    case 'ATTRIBUTE_GENERATOR':
      return 'produce'
  }
}
