import type { AdapterError, TemplateDefinition } from '@outboard/adapters-sdk'
import type { Counter, Telemetry } from '../telemetry/index.js'
import type { CallIds } from './call-ids.js'
import type { Guard } from './guard.js'
import type { Clock, Question, ReportSpill, ReportStore } from './ports.js'
import { ReportKeeper } from './report-keeper.js'
import { ReportLane } from './report-lane.js'
import { ReportLosses } from './report-losses.js'

/** First and longest pause before a failed batch is tried again, milliseconds; it doubles in between. */
const firstPauseMs = 100
const longestPauseMs = 5_000
/** Tries for a batch that an adapter answers with an error of its own; one that is merely away is tried without end. */
const maxTries = 3

/** Errors after which the same batch may well succeed: the adapter is away, not unwilling. */
function isAway(error: AdapterError): boolean {
  switch (error.code) {
    case 'ADAPTER_UNAVAILABLE':
    case 'ADAPTER_TIMEOUT':
    case 'ADAPTER_OVERLOADED':
    case 'ADAPTER_DRAINING':
    case 'ADAPTER_UNCONFIGURED':
      return true
    case 'ADAPTER_CRASHED':
    case 'ADAPTER_PROTOCOL':
    case 'ADAPTER_CANCELLED':
    case 'ADAPTER_LIMIT':
      return false
  }
}

/**
 * Reports on their way to one handler: gathered into batches by count, bytes and age, delivered one batch a template
 * at a time and in order, at least once. While the adapter is away they wait, at most `maxQueued` of them in memory. Where there
 * is a store, the oldest that are not being sent move to it before memory is full, and are delivered before what came
 * after them; what is left at the end goes there, too. Otherwise, or when it has no room, the oldest is dropped, and counted by
 * reason.
 */
export class ReportQueue {
  readonly #lanes = new Map<string, ReportLane>()
  readonly #delivered: Counter
  readonly #losses: ReportLosses
  /** undefined: there is no disk to move to. */
  readonly #keeper: ReportKeeper | undefined
  /** In memory, without batches that were kept. */
  #size = 0
  #closing = false
  #idle: (() => void) | undefined
  #closed: Promise<void> | undefined
  #stopListening: (() => void) | undefined

  /** @param spill undefined: nothing is kept but in memory. Only questions in bytes can be. */
  constructor(
    private readonly guard: Guard,
    private readonly clock: Clock,
    private readonly ids: CallIds,
    private readonly telemetry: Telemetry,
    spill?: ReportSpill,
  ) {
    const handler = guard.spec.id
    this.#delivered = telemetry.counter('outboard_reports_delivered_total', { handler })
    this.#losses = new ReportLosses(handler, clock, telemetry)
    const store = guard.handler.form === 'bytes' ? spill?.of(handler) : undefined
    this.#keeper = store && this.#keeperTo(store)
  }

  get #store(): ReportStore | undefined {
    return this.#keeper?.store
  }

  #keeperTo(store: ReportStore): ReportKeeper {
    const queue = this
    return new ReportKeeper(store, this.clock, {
      get size() {
        return queue.#size
      },
      get isClosing() {
        return queue.#closing
      },
      limits: this.guard.spec.guard.report,
      newId: () => this.ids.next(),
      oldest: () => [...this.#lanes.values()].find(({ unkept }) => unkept.length > 0) ?? this.#longest(),
      moved: instances => {
        this.#size -= instances
      },
      goOn: lane => this.#goOn(lane),
      full: bytes => this.#spillFull(bytes),
    })
  }

  #spillFull(bytes: number): void {
    const { id } = this.guard.spec
    this.telemetry.log.warn('report_spill_full', { handler: id, wanted: bytes, kept: this.kept })
  }

  /** Begins to deliver what was kept before. */
  begin(): void {
    this.#stopListening = this.#store?.onKept(() => this.#takeUp())
    this.#takeUp()
    const { id, templates } = this.guard.spec
    const known = [...templates.values()].map(({ name }) => name)
    const unclaimed = this.#store?.templates().filter(name => !known.includes(name)) ?? []
    if (unclaimed.length > 0)
      this.telemetry.log.warn('report_spill_unclaimed', { handler: id, templates: unclaimed })
  }

  /** Instances that wait in memory or are being sent. */
  get size(): number {
    return this.#size
  }

  /** Instances on disk. */
  get kept(): number {
    return this.#store?.size ?? 0
  }

  /** Takes an instance, dropping the oldest waiting one when full; refuses when that is not possible, or when closing. */
  put(question: Question): 'taken' | 'refused' {
    if (this.#closing) return 'refused'
    const limits = this.guard.spec.guard.report
    const lane = this.#laneOf(question.template)
    if (this.#size >= limits.maxQueued && !this.#dropOldest()) return 'refused'
    lane.push(question)
    this.#size++
    if (!lane.busy) this.#schedule(lane)
    this.#keeper?.makeRoom()
    return 'taken'
  }

  /** Sends what waits, then refuses more; after the grace the rest is kept, or given up. Called again, the shorter grace holds. */
  async close(graceMs: number): Promise<void> {
    this.#closed ??= this.#close()
    const stop = this.clock.after(graceMs, () => this.#tellIdle())
    await this.#closed
    stop()
  }

  async #close(): Promise<void> {
    this.#closing = true
    this.#stopListening?.()
    for (const lane of this.#lanes.values()) if (!lane.busy || lane.stopTimer !== undefined) this.#send(lane)
    if (!this.#isIdle())
      await new Promise<void>(resolve => {
        this.#idle = resolve
      })
    await this.#keeper?.settled()
    for (const lane of this.#lanes.values())
      for (const batch of lane.takeAll(this.guard.spec.guard.report, () => this.ids.next())) {
        const { length } = batch.questions
        if (!(await this.#keeper?.keep(lane, batch))) this.#losses.add('closed', length)
        this.#size -= length
      }
    this.#losses.tell()
  }

  #laneOf(template: TemplateDefinition): ReportLane {
    let lane = this.#lanes.get(template.name)
    if (lane === undefined) {
      lane = new ReportLane(template)
      this.#lanes.set(template.name, lane)
    }
    return lane
  }

  /** Sees to it that every template with kept batches is being delivered. */
  #takeUp(): void {
    for (const template of this.guard.spec.templates.values()) {
      if (this.#store?.has(template.name) !== true) continue
      const lane = this.#laneOf(template)
      if (!lane.busy) this.#send(lane)
    }
  }

  /** The template that has most instances waiting. */
  #longest(): ReportLane | undefined {
    let longest: ReportLane | undefined
    for (const lane of this.#lanes.values())
      if (lane.waiting.length > (longest?.waiting.length ?? 0)) longest = lane
    return longest
  }

  /** Drops the oldest instance that is of no batch, of the template that has most of them. */
  #dropOldest(): boolean {
    if (this.#longest()?.takeOldest() === undefined) return false
    this.#size--
    this.#losses.add('queue_full', 1)
    return true
  }

  /** Sends a lane that has no batch under way: at once when enough waits, else when the oldest is old enough. */
  #schedule(lane: ReportLane): void {
    const { maxItems, maxBytes, maxAgeMs } = this.guard.spec.guard.report
    if (
      this.#closing ||
      maxAgeMs === 0 ||
      lane.unkept.length > 0 ||
      lane.waiting.length >= maxItems ||
      lane.bytes >= maxBytes ||
      this.#store?.has(lane.template.name) === true
    )
      this.#send(lane)
    else if (lane.stopTimer === undefined) this.#sendAfter(lane, maxAgeMs)
  }

  #sendAfter(lane: ReportLane, delayMs: number): void {
    lane.stopTimer = this.clock.after(delayMs, () => this.#send(lane))
  }

  /** Sends the batch under way, again or for the first time: what was kept is older than what is in memory. */
  #send(lane: ReportLane): void {
    lane.stopTimer?.()
    lane.stopTimer = undefined
    if (lane.batch === undefined) {
      if (lane.busy) return
      if (!this.#closing && this.#store?.has(lane.template.name) === true) {
        void this.#readKept(lane, this.#store)
        return
      }
      lane.batch = lane.nextBatch(this.guard.spec.guard.report, () => this.ids.next())
      if (lane.batch === undefined) return
    }
    const asking = {
      dedupId: lane.batch.id,
      deadline: Number.POSITIVE_INFINITY,
      traceparent: undefined,
      abandon: undefined,
    }
    void this.guard.report(lane.batch.questions, asking).then(error => this.#answered(lane, error))
  }

  async #readKept(lane: ReportLane, store: ReportStore): Promise<void> {
    lane.reading = true
    const kept = await store.take(lane.template)
    lane.reading = false
    if (kept === undefined) return this.#goOn(lane)
    if (this.#closing) {
      kept.putBack()
      return this.#goOn(lane)
    }
    lane.kept = kept
    lane.batch = kept
    this.#send(lane)
  }

  #answered(lane: ReportLane, error: AdapterError | undefined): void {
    if (lane.batch === undefined) return // closed meanwhile
    if (error !== undefined && (isAway(error) || lane.tries + 1 < maxTries)) {
      const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(lane.tries, 10))
      lane.tries++
      this.#sendAfter(lane, pauseMs)
      return
    }
    const { length } = lane.batch.questions
    if (lane.kept === undefined) this.#size -= length
    else lane.kept.done()
    if (error === undefined) this.#delivered.add(length)
    else this.#losses.add('refused', length)
    lane.batch = undefined
    lane.kept = undefined
    lane.tries = 0
    this.#goOn(lane)
  }

  /** With whatever is next, when nothing of a lane is under way. */
  #goOn(lane: ReportLane): void {
    if (lane.hasMore || (!this.#closing && this.#store?.has(lane.template.name) === true))
      this.#schedule(lane)
    else if (this.#isIdle()) this.#tellIdle()
  }

  /** There is nothing left, or no time left, for whoever closes the queue. */
  #tellIdle(): void {
    this.#idle?.()
  }

  #isIdle(): boolean {
    return this.#size === 0 && [...this.#lanes.values()].every(({ busy }) => !busy)
  }
}
