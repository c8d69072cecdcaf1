import type { AdapterError } from '@outboard/adapters-sdk'
import {
  type AdapterHello,
  CallBatch,
  CallTable,
  encodeHostFrame,
  type Limits,
  ProtocolError,
  type Results,
} from '@outboard/adapters-sdk/protocol'
import type { Clock } from '../../engine/ports.js'
import type { CallCapacity } from '../calls/encoded.js'
import { usualCapacity } from '../calls/encoded.js'
import type { RemoteCall } from '../calls/remote-call.js'
import { Latency } from '../endpoints/latency.js'
import { failure } from '../failure.js'
import type { Remote, Schedule } from '../options.js'
import { CallQueue } from './call-queue.js'
import { deliver } from './deliver.js'

/** Calls that may wait here for credit or for the stream; one more is failed with ADAPTER_OVERLOADED. */
const maxQueuedCalls = 4_096
/** Most credit that an adapter can give; more is as good. */
const maxCredits = 0xffffffff

/** The calls of one session. All calls of one turn of the event loop go into one frame, written at the turn's end; a lone one as soon as it can. */
export class CallLane {
  readonly latency = new Latency()
  readonly capacity: CallCapacity
  readonly #adapterLimits: Limits
  readonly #write: (frame: Buffer) => boolean
  readonly #clock: Clock
  readonly #schedule: Schedule
  readonly #batch: CallBatch
  readonly #queue = new CallQueue()
  /** By id. A call that nobody waits for stays until its result has come. */
  readonly #calls = new CallTable<RemoteCall>()
  /** Handlers that gave answers with keys: what they withdraw, only this session can tell. */
  readonly #withdrawable = new Set<number>()
  /** Calls that were asked elsewhere meanwhile, by id: their results are still to come. */
  readonly #moved = new Map<number, { readonly bytes: number; readonly deadline: number }>()
  #cancelled: number[] = []
  #credits: number
  #bytesInFlight = 0
  #lastId = 0
  #scheduled = false
  #blocked = false
  #turnAt = 0
  /** Calls in the frame that left last. */
  #lastTogether = 0

  constructor(
    hello: Pick<AdapterHello, 'limits' | 'credits'>,
    write: (frame: Buffer) => boolean,
    remote: Pick<Remote, 'clock' | 'schedule'>,
  ) {
    this.#adapterLimits = hello.limits
    this.capacity = capacityOf(hello.limits)
    this.#batch = new CallBatch(hello.limits)
    this.#credits = hello.credits
    this.#write = write
    this.#clock = remote.clock
    this.#schedule = remote.schedule
  }

  get inFlight(): number {
    return this.#calls.size + this.#moved.size + this.#queue.length
  }

  /** Numbers of handlers whose kept answers must go when the session does. */
  get withdrawable(): Iterable<number> {
    return this.#withdrawable
  }

  /** Since when nothing was heard though calls wait; undefined: none waits. */
  get silentSince(): number | undefined {
    const oldest = this.#calls.oldest()
    return oldest === undefined ? undefined : Math.max(oldest.sentAt, this.latency.heardAt)
  }

  get idle(): boolean {
    return this.#calls.size === 0 && this.#queue.length === 0
  }

  send(call: RemoteCall): void {
    if (this.#credits > 0 && !this.#blocked && this.#queue.length === 0) {
      this.#add(call)
      return
    }
    const limit = this.#adapterLimits.bytesInFlight
    if (this.#queue.length >= maxQueuedCalls || this.#queue.bytes + call.bytes > limit) {
      const waits = `${this.#queue.length} calls (${this.#queue.bytes} bytes) wait for the adapter's credit`
      call.unanswered(failure('ADAPTER_OVERLOADED', waits), false)
    } else {
      this.#queue.push(call)
    }
  }

  /** The adapter is told; the call keeps its place until its result comes. */
  cancel(call: RemoteCall): void {
    if (this.#calls.get(call.id) !== call) return // it still waits here, and is skipped when its turn comes
    if (this.#clock.now() >= call.deadline) this.latency.gaveUp()
    this.#cancelled.push(call.id)
    this.#flushSoon()
  }

  /** @throws {ProtocolError} `PROTOCOL_UNKNOWN_CALL` for a result that nobody waits for. */
  results(frame: Results): void {
    const now = this.#clock.now()
    this.latency.heardAt = now
    for (const result of frame.results) {
      const call = this.#calls.get(result.id)
      if (call === undefined) {
        if (this.#tookBack(result.id)) continue
        throw new ProtocolError(
          'PROTOCOL_UNKNOWN_CALL',
          `A result for call ${result.id}, which has none to come`,
        )
      }
      this.#calls.delete(result.id)
      this.#bytesInFlight -= call.bytes
      if (call.settled) continue
      this.latency.answered(now - call.sentAt)
      if (result.kind === 'verdict' && result.verdict.cacheKeys.length > 0)
        this.#withdrawable.add(call.handler)
      deliver(call, result)
    }
    this.credit(frame.credits)
  }

  credit(credits: number): void {
    this.#credits = Math.min(maxCredits, this.#credits + credits)
    this.#pump()
  }

  writable(): void {
    this.#blocked = false
    this.#pump()
  }

  /** Has those calls that can be asked elsewhere asked there; the adapter is told that nobody waits here any more. */
  moveOn(error: AdapterError): void {
    for (const call of [...this.#calls.values()]) {
      if (!call.movable) continue
      const { id } = call
      this.#calls.delete(id)
      this.#moved.set(id, { bytes: call.bytes, deadline: call.deadline })
      this.#cancelled.push(id)
      call.unanswered(error, true)
    }
    if (this.#cancelled.length > 0) this.#flushSoon()
  }

  /** Whether an id is of a call that was asked elsewhere; it has its result then. */
  #tookBack(id: number): boolean {
    const moved = this.#moved.get(id)
    if (moved === undefined) return false
    this.#moved.delete(id)
    this.#bytesInFlight -= moved.bytes
    return true
  }

  /** The adapter takes nothing new: what has not been written goes elsewhere. */
  turnAway(error: AdapterError): void {
    for (const call of this.#queue.takeAll()) call.unanswered(error, false)
  }

  /** Lets go of calls whose time is long over. The answer: a call that has waited for its result beyond all bounds. */
  sweep(abandonedMs: number): { readonly id: number } | undefined {
    const now = this.#clock.now()
    for (const [id, { deadline }] of this.#moved) if (deadline + abandonedMs < now) return { id }
    this.#queue.prune()
    for (const call of this.#calls.values()) {
      if (call.deadline + abandonedMs < now) return call
      if (call.deadline + 1_000 >= now || call.settled) continue
      call.fail(failure('ADAPTER_TIMEOUT', 'No answer before the deadline'))
      this.cancel(call)
    }
    return undefined
  }

  /** The session is over. What was written may have been heard; what was not, was not. */
  failAll(error: AdapterError): void {
    const sent = [...this.#calls.values()]
    this.#calls.clear()
    for (const call of sent) call.unanswered(error, true)
    this.turnAway(error)
  }

  #pump(): void {
    while (this.#credits > 0 && !this.#blocked) {
      const call = this.#queue.shift()
      if (call === undefined) return
      if (!call.settled) this.#add(call)
    }
  }

  #add(call: RemoteCall): void {
    if (call.instances.length > this.#adapterLimits.instancesPerCall) {
      const many = `${call.instances.length} instances in a call; the adapter takes`
      call.fail(failure('ADAPTER_LIMIT', `${many} ${this.#adapterLimits.instancesPerCall}`))
      return
    }
    if (this.#bytesInFlight + call.bytes > this.#adapterLimits.bytesInFlight) {
      const limit = `${this.#bytesInFlight} bytes wait for their results, which is the adapter's limit`
      call.unanswered(failure('ADAPTER_OVERLOADED', limit), false)
      return
    }
    if (!this.#scheduled) this.#flushSoon()
    call.id = ++this.#lastId
    call.deadlineMs = Math.max(1, Math.ceil(call.deadline - this.#turnAt))
    call.sentAt = this.#turnAt
    let added = this.#batch.add(call)
    if (added === 'full') {
      this.#flushCalls()
      added = this.#batch.add(call)
    }
    if (added !== 'added') {
      const what = `One call of ${call.bytes} bytes does not fit into the adapter's frames`
      call.fail(failure('ADAPTER_LIMIT', `${what} (${this.#adapterLimits.frameBytes} bytes)`))
      return
    }
    this.#credits -= 1
    this.#bytesInFlight += call.bytes
    this.#calls.add(call)
  }

  #flushSoon(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    this.#turnAt = this.#clock.now() // once a turn: the clock costs as much as the rest of a call here
    const isAlone = this.#lastTogether <= 1 && this.#calls.size === 0 && this.#queue.length === 0
    this.#schedule(this.#flush, isAlone)
  }

  readonly #flush = (): void => {
    this.#scheduled = false
    this.#flushCalls()
    if (this.#cancelled.length === 0) return
    const ids = this.#cancelled
    this.#cancelled = []
    for (let at = 0; at < ids.length; at += this.#adapterLimits.batchItems) {
      this.#put(encodeHostFrame({ kind: 'cancel', ids: ids.slice(at, at + this.#adapterLimits.batchItems) }))
    }
  }

  #flushCalls(): void {
    if (this.#batch.count === 0) return
    this.#lastTogether = this.#batch.count
    this.#put(this.#batch.take())
  }

  #put(frame: Buffer): void {
    if (!this.#write(frame)) this.#blocked = true
  }
}

/** Bytes of a frame and of a call that are no instances: ids, numbers, deduplication id, trace context. */
const callOverhead = 2_048

function capacityOf(limits: Limits): CallCapacity {
  return {
    instances: Math.min(limits.instancesPerCall, usualCapacity.instances),
    bytes: Math.max(1, Math.min(limits.frameBytes - callOverhead, limits.bytesInFlight, usualCapacity.bytes)),
  }
}
