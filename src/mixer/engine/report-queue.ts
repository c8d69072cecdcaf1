import type { AdapterError } from '@outboard/adapters-sdk'
import type { Counter, Telemetry } from '../telemetry/index.js'
import type { CallIds } from './call-ids.js'
import { Fifo } from './fifo.js'
import type { Guard } from './guard.js'
import type { Clock, Question } from './ports.js'

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

/** The questions of one template. */
class Lane {
  /** Not sent yet. */
  readonly waiting = new Fifo<Question>()
  /** Bytes of those that wait. */
  bytes = 0
  /** The batch under way; it stays the same, with the same id, until it has an end. Empty: none is. */
  batch: readonly Question[] = noQuestions
  batchId = ''
  tries = 0
  stopTimer: (() => void) | undefined
}

const noQuestions: readonly Question[] = []

/**
 * Reports on their way to one handler: gathered into batches by count, bytes and age, delivered one batch a template
 * at a time and in order, at least once. While the adapter is away they wait, at most `maxQueued` of them; then the
 * oldest that is not being sent is dropped, and counted by reason.
 */
export class ReportQueue {
  readonly #lanes = new Map<string, Lane>()
  readonly #delivered: Counter
  readonly #droppedFull: Counter
  readonly #droppedRefused: Counter
  readonly #droppedClosed: Counter
  #size = 0
  #closing = false
  #idle: (() => void)[] = []

  constructor(
    private readonly guard: Guard,
    private readonly clock: Clock,
    private readonly ids: CallIds,
    telemetry: Telemetry,
  ) {
    const handler = guard.spec.id
    const dropped = (reason: string) =>
      telemetry.counter('outboard_reports_dropped_total', { handler, reason })
    this.#delivered = telemetry.counter('outboard_reports_delivered_total', { handler })
    this.#droppedFull = dropped('queue_full')
    this.#droppedRefused = dropped('refused')
    this.#droppedClosed = dropped('closed')
  }

  /** Instances that wait or are being sent. */
  get size(): number {
    return this.#size
  }

  /** Takes an instance, dropping the oldest waiting one when full; refuses when that is not possible, or when closing. */
  put(question: Question): 'taken' | 'refused' {
    if (this.#closing) return 'refused'
    const limits = this.guard.spec.guard.report
    let lane = this.#lanes.get(question.template.name)
    if (lane === undefined) {
      lane = new Lane()
      this.#lanes.set(question.template.name, lane)
    }
    if (this.#size >= limits.maxQueued && !this.#dropOldest()) return 'refused'
    lane.waiting.push(question)
    lane.bytes += question.bytes?.length ?? 0
    this.#size++
    if (lane.batch.length === 0) this.#schedule(lane)
    return 'taken'
  }

  /** Sends what waits, then refuses more; gives up on the rest after the grace. */
  async close(graceMs: number): Promise<void> {
    this.#closing = true
    for (const lane of this.#lanes.values())
      if (lane.batch.length === 0 || lane.stopTimer !== undefined) this.#send(lane)
    if (this.#size === 0) return
    await new Promise<void>(resolve => {
      const stop = this.clock.after(graceMs, resolve)
      this.#idle.push(() => {
        stop()
        resolve()
      })
    })
    for (const lane of this.#lanes.values()) {
      lane.stopTimer?.()
      const left = lane.batch.length + lane.waiting.length
      this.#droppedClosed.add(left)
      this.#size -= left
      lane.waiting.clear()
      lane.batch = noQuestions
    }
  }

  /** Drops the oldest instance that is not being sent, of the template that has most of them. */
  #dropOldest(): boolean {
    let longest: Lane | undefined
    for (const lane of this.#lanes.values())
      if (lane.waiting.length > (longest?.waiting.length ?? 0)) longest = lane
    const oldest = longest?.waiting.take()
    if (longest === undefined || oldest === undefined) return false
    longest.bytes -= oldest.bytes?.length ?? 0
    this.#size--
    this.#droppedFull.add(1)
    return true
  }

  /** Sends a lane that has no batch under way: at once when enough waits, else when the oldest is old enough. */
  #schedule(lane: Lane): void {
    const { maxItems, maxBytes, maxAgeMs } = this.guard.spec.guard.report
    if (this.#closing || maxAgeMs === 0 || lane.waiting.length >= maxItems || lane.bytes >= maxBytes)
      this.#send(lane)
    else if (lane.stopTimer === undefined) this.#sendAfter(lane, maxAgeMs)
  }

  #sendAfter(lane: Lane, delayMs: number): void {
    lane.stopTimer = this.clock.after(delayMs, () => this.#send(lane))
  }

  #send(lane: Lane): void {
    lane.stopTimer?.()
    lane.stopTimer = undefined
    if (lane.batch.length === 0) {
      if (lane.waiting.length === 0) return
      lane.batch = this.#nextBatch(lane)
      lane.batchId = this.ids.next()
    }
    const asking = {
      dedupId: lane.batchId,
      deadline: Number.POSITIVE_INFINITY,
      traceparent: undefined,
      abandon: undefined,
    }
    void this.guard.report(lane.batch, asking).then(error => this.#answered(lane, error))
  }

  /** Takes a batch from what waits, of at least one. */
  #nextBatch(lane: Lane): readonly Question[] {
    const { maxItems, maxBytes } = this.guard.spec.guard.report
    const batch: Question[] = []
    let bytes = 0
    for (let next = lane.waiting.peek(); next !== undefined; next = lane.waiting.peek()) {
      const more = bytes + (next.bytes?.length ?? 0)
      if (batch.length > 0 && (batch.length >= maxItems || more > maxBytes)) break
      bytes = more
      batch.push(next)
      lane.waiting.take()
    }
    lane.bytes -= bytes
    return batch
  }

  #answered(lane: Lane, error: AdapterError | undefined): void {
    if (lane.batch.length === 0) return // closed meanwhile
    if (error !== undefined && (isAway(error) || lane.tries + 1 < maxTries)) {
      const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(lane.tries, 10))
      lane.tries++
      this.#sendAfter(lane, pauseMs)
      return
    }
    const { length } = lane.batch
    this.#size -= length
    if (error === undefined) this.#delivered.add(length)
    else this.#droppedRefused.add(length)
    lane.batch = noQuestions
    lane.tries = 0
    if (lane.waiting.length > 0) this.#schedule(lane)
    else if (this.#size === 0) {
      const idle = this.#idle
      this.#idle = []
      for (const tell of idle) tell()
    }
  }
}
