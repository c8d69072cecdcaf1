import { codeName } from '@outboard/adapters-sdk'
import type { AttributeBag, Vocabulary } from '../attributes/index.js'
import type { Snapshot } from '../config/snapshot.js'
import type { Span, Telemetry } from '../telemetry/index.js'
import { Admission, type AdmissionOptions } from './admission.js'
import type {
  CheckAnswer,
  CheckRequest,
  Engine,
  Pinned,
  ReportAnswer,
  ReportRequest,
  RequestContext,
} from './api.js'
import type { CheckCache } from './cache-port.js'
import { CallIds } from './call-ids.js'
import { Abandon } from './guarded-call.js'
import { type HandlerProblem, HandlerTable } from './handler-table.js'
import { LiveSnapshot } from './live-snapshot.js'
import { Meters } from './meters.js'
import type { CancelHook, Clock, HostServices, Placement, ReportSpill } from './ports.js'
import { takeReport } from './report.js'
import type { Requested } from './request.js'
import { runCheck } from './run-check.js'
import { type EngineStatus, statusOf } from './status.js'

/**
 * Attribute sets of one report that are taken without a pause. In between, handlers take from their queues and other
 * requests have their turn.
 */
const setsPerTurn = 250

export interface EngineOptions extends Partial<AdmissionOptions> {
  /** How long a retired handler may finish calls and deliver reports, milliseconds. Default: 10,000. */
  readonly closeGraceMs?: number
}

export interface EngineParts {
  readonly placements: readonly Placement[]
  readonly clock: Clock
  readonly telemetry: Telemetry
  readonly cache: CheckCache | undefined
  /** What call ids begin with; tells processes apart. Chosen by chance by whoever starts the engine. */
  readonly idPrefix: string
  /** Where reports go that memory has no room for. Default: nowhere. */
  readonly spill?: ReportSpill | undefined
  readonly options?: EngineOptions
}

export type Swapped =
  | { readonly kind: 'live' }
  | { readonly kind: 'refused'; readonly problems: readonly HandlerProblem[] }

/** The engine as its owner sees it. */
export interface RunningEngine extends Engine {
  /**
   * Opens the handlers of a snapshot and puts it in force; those that did not change stay as they are. When an adapter
   * refuses its settings nothing changes. One swap at a time: later ones wait.
   */
  swap(snapshot: Snapshot): Promise<Swapped>
  status(): EngineStatus
  /** Delivers queued reports and closes every handler, within the grace. Requests under way finish; safe twice. */
  close(graceMs: number): Promise<void>
}

export function createEngine(parts: EngineParts): RunningEngine {
  return new CheckingEngine(parts)
}

class CheckingEngine implements RunningEngine {
  readonly #placements: ReadonlyMap<string, Placement>
  readonly #host: HostServices
  readonly #closeGraceMs: number
  readonly #spill: ReportSpill | undefined
  readonly shared: Shared
  #current: PinnedSnapshot | undefined
  #swapping: Promise<unknown> = Promise.resolve()
  /** Snapshots whose handlers are not all closed yet, and what came after each. */
  readonly #retiring = new Map<LiveSnapshot, LiveSnapshot>()

  constructor(parts: EngineParts) {
    const { clock, telemetry, cache, options = {} } = parts
    const { maxInFlight = 20_000, maxPerSecond = 0, burst = maxPerSecond, closeGraceMs = 10_000 } = options
    this.#placements = new Map(parts.placements.map(placement => [placement.name, placement]))
    this.#closeGraceMs = closeGraceMs
    this.#spill = parts.spill
    this.#host = {
      clock,
      invalidated: (handler, key) => cache?.invalidate(handler, key),
      doubted: handler => cache?.doubt(handler),
      adapterLog: (handler, level, message) => telemetry.log[level]('adapter_log', { handler, message }),
    }
    this.shared = {
      clock,
      telemetry,
      cache,
      meters: new Meters(telemetry),
      ids: new CallIds(parts.idPrefix),
      admission: new Admission({ maxInFlight, maxPerSecond, burst }, clock),
    }
    telemetry.gauge('outboard_requests_in_flight', {}, () => this.shared.admission.inFlight)
    telemetry.gauge('outboard_snapshot_id', {}, () => this.#current?.snapshotId ?? -1)
  }

  pin(): Pinned {
    if (this.#current === undefined)
      throw new TypeError('the engine was asked before its first snapshot; doors open after it')
    return this.#current
  }

  swap(snapshot: Snapshot): Promise<Swapped> {
    const swapped = this.#swapping.then(() => this.#swap(snapshot))
    this.#swapping = swapped.catch(() => {})
    return swapped
  }

  async #swap(snapshot: Snapshot): Promise<Swapped> {
    const { telemetry } = this.shared
    const before = this.#current
    const opened = await HandlerTable.open(
      snapshot.handlers,
      before?.live.handlers ?? HandlerTable.empty,
      this.#placements,
      this.#host,
      { ids: this.shared.ids, telemetry, spill: this.#spill },
    )
    telemetry.counter('outboard_snapshot_swaps_total', { outcome: opened.kind }).add(1)
    if (opened.kind === 'refused') return opened
    const live = new LiveSnapshot(snapshot, opened.table)
    this.#current = new PinnedSnapshot(live, this.shared)
    if (before !== undefined) void this.#retire(before.live, live)
    return { kind: 'live' }
  }

  async #retire(old: LiveSnapshot, next: LiveSnapshot): Promise<void> {
    this.#retiring.set(old, next)
    await old.free()
    await old.handlers.retire(next.handlers, this.#closeGraceMs)
    this.#retiring.delete(old)
  }

  status(): EngineStatus {
    return statusOf(this.#current?.live, this.shared.admission)
  }

  async close(graceMs: number): Promise<void> {
    await this.#swapping
    const retiring = [...this.#retiring].map(([old, next]) => old.handlers.retire(next.handlers, graceMs))
    await Promise.all([this.#current?.live.handlers.retire(HandlerTable.empty, graceMs), ...retiring])
  }
}

interface Shared {
  readonly clock: Clock
  readonly telemetry: Telemetry
  readonly cache: CheckCache | undefined
  readonly meters: Meters
  readonly ids: CallIds
  readonly admission: Admission
}

/** A snapshot in force, as doors ask it. */
class PinnedSnapshot implements Pinned {
  readonly vocabulary: Vocabulary
  readonly snapshotId: number

  constructor(
    readonly live: LiveSnapshot,
    private readonly shared: Shared,
  ) {
    this.vocabulary = live.snapshot.vocabulary
    this.snapshotId = live.snapshot.id
  }

  addApiAttributes(bag: AttributeBag): void {
    this.live.snapshot.api.apply(bag)
  }

  quotaCharges(bag: AttributeBag): ReadonlyMap<string, bigint> {
    return this.live.snapshot.callerQuotas.charges(bag)
  }

  async check(bag: AttributeBag, request: CheckRequest): Promise<CheckAnswer> {
    const { meters, clock, admission, telemetry } = this.shared
    if (admission.enter(1) === 'shed') {
      meters.check(request.door, 'shed')
      return { kind: 'undecided', reason: 'OVERLOADED', message: overloaded }
    }
    const startedAt = clock.now()
    const span = telemetry.span('check', request.traceparent, { 'outboard.door': request.door })
    this.live.hold()
    let answer: CheckAnswer
    try {
      const by = answerBy(request.deadline, startedAt)
      answer = await runCheck(this.#requested(bag, request, span, request.onCancel, by), request)
    } catch (cause) {
      // A defect of ours, never a reason to let a request pass.
      telemetry.log.error('check_crashed', { door: request.door, reason: String(cause) })
      answer = { kind: 'undecided', reason: 'CHECK_FAILED', message: 'internal error' }
    } finally {
      this.live.release()
      admission.leave()
    }
    meters.checkSeconds(request.door, (clock.now() - startedAt) / 1_000)
    if (answer.kind === 'undecided') {
      meters.check(request.door, 'undecided')
      span?.end(answer.message)
    } else {
      meters.check(request.door, answer.code === 0 ? 'allowed' : 'denied')
      span?.set({ 'outboard.code': codeName(answer.code), 'outboard.from_cache': answer.fromCache })
      span?.end()
    }
    return answer
  }

  async report(bags: readonly AttributeBag[], request: ReportRequest): Promise<ReportAnswer> {
    const { meters, clock, admission, telemetry } = this.shared
    if (admission.enter(bags.length) === 'shed') {
      meters.report(request.door, 'shed')
      return { kind: 'overloaded' }
    }
    const span = telemetry.span('report', request.traceparent, {
      'outboard.door': request.door,
      'outboard.attribute_sets': bags.length,
    })
    this.live.hold()
    const problems: string[] = []
    const by = answerBy(request.deadline, clock.now())
    try {
      for (const [index, bag] of bags.entries()) {
        if (index > 0 && index % setsPerTurn === 0) await this.#nextTurn()
        const taken = takeReport(this.#requested(bag, request, span, undefined, by))
        for (const problem of taken instanceof Promise ? await taken : taken) problems.push(problem)
      }
    } catch (cause) {
      telemetry.log.error('report_crashed', { door: request.door, reason: String(cause) })
      problems.push('internal error')
    } finally {
      this.live.release()
      admission.leave()
    }
    const answer: ReportAnswer = problems.length === 0 ? { kind: 'taken' } : { kind: 'failed', problems }
    meters.report(request.door, answer.kind)
    span?.end(problems[0])
    return answer
  }

  #nextTurn(): Promise<void> {
    return new Promise(resolve => void this.shared.clock.after(0, resolve))
  }

  #requested(
    bag: AttributeBag,
    context: RequestContext,
    span: Span | undefined,
    hook: CancelHook | undefined,
    by: number,
  ): Requested {
    const { clock, cache, meters, telemetry, ids } = this.shared
    let abandon: Abandon | undefined
    if (hook !== undefined) {
      const waiting = new Abandon()
      hook.cancelled = () => waiting.all()
      abandon = waiting
    }
    return {
      live: this.live,
      bag,
      clock,
      cache,
      meters,
      telemetry,
      ids,
      answerBy: by,
      traceparent: span?.traceparent ?? context.traceparent,
      abandon,
    }
  }
}

/** What of a caller's time is kept for its answer to reach it: a share, at most and at least milliseconds. */
const kept = { share: 0.1, mostMs: 50, leastMs: 1 }

/** When handlers must have answered a caller with a deadline. */
function answerBy(deadline: number, now: number): number {
  if (deadline === Number.POSITIVE_INFINITY) return deadline
  return deadline - Math.max(kept.leastMs, Math.min(kept.mostMs, (deadline - now) * kept.share))
}

/** Upstream's words, which its clients know. Source: reference dispatch, section 2. */
const overloaded = 'Server is currently overloaded. Please try again.'
