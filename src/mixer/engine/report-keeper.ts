import type { Clock, ReportBatch, ReportStore } from './ports.js'
import { type BatchBounds, bytesOf, type ReportLane } from './report-lane.js'

/** How full a queue is when its oldest reports begin to go to disk: what comes while they are written needs room, too. */
const keepFromShare = 0.75
/** Batches on their way to disk at once: one alone would take a few turns of the event loop, in which more comes than it holds. */
const mostKeeping = 8
/** After a batch could not be kept, how long none is tried, milliseconds. */
const keepPauseMs = 5_000

/** What a keeper sees of the queue that it takes from. */
export interface KeptFrom {
  /** Instances in memory, those on their way to disk among them. */
  readonly size: number
  readonly isClosing: boolean
  readonly limits: BatchBounds & { readonly maxQueued: number }
  newId(): string
  /** The lane whose oldest reports are to go next. */
  oldest(): ReportLane | undefined
  /** So many instances are in memory no more. */
  moved(instances: number): void
  /** A lane may send again. */
  goOn(lane: ReportLane): void
  /** The disk has no room for a batch of so many bytes; told once, until there is room again. */
  full(bytes: number): void
}

/** Moves the oldest reports of a queue to disk while memory is nearly full. */
export class ReportKeeper {
  /** Batches that are being kept, and their instances, which are in memory still. */
  readonly #keeping = new Set<Promise<void>>()
  #onTheirWay = 0
  /** None is kept before. */
  #keepAgainAt = 0
  /** Bytes of the batch that the disk had no room for; undefined: it had room for the last one. */
  #noRoomFor: number | undefined

  constructor(
    readonly store: ReportStore,
    private readonly clock: Clock,
    private readonly queue: KeptFrom,
  ) {}

  /** Moves the oldest batches that are not being sent, for as long as memory is so full. */
  makeRoom(): void {
    const { queue } = this
    while (this.#isNearlyFull() && this.#mayKeep()) {
      const lane = queue.oldest()
      if (lane === undefined) return
      // The batch that it will be, not the largest that there may be: a small disk is of use, too.
      if (!this.#hasRoom(lane.nextBytes(queue.limits))) {
        this.#pause()
        return
      }
      const batch = lane.nextBatch(queue.limits, () => queue.newId())
      if (batch === undefined) return
      const keeping = this.#move(lane, batch).finally(() => {
        this.#keeping.delete(keeping)
        this.makeRoom()
      })
      this.#keeping.add(keeping)
    }
  }

  /** Whether a batch is on disk now. */
  async keep(lane: ReportLane, batch: ReportBatch): Promise<boolean> {
    if (!this.#hasRoom(bytesOf(batch))) return false
    return (await this.store.keep(lane.template.name, batch)) === 'kept'
  }

  /** Resolves when nothing is on its way any more. Of a closing queue. */
  async settled(): Promise<void> {
    await Promise.all(this.#keeping)
  }

  #isNearlyFull(): boolean {
    return this.queue.size - this.#onTheirWay >= this.queue.limits.maxQueued * keepFromShare
  }

  #mayKeep(): boolean {
    return !this.queue.isClosing && this.#keeping.size < mostKeeping && this.#mayTryAgain()
  }

  /** Not at every report that comes: but as soon as a full disk has room, and from time to time. */
  #mayTryAgain(): boolean {
    if (this.clock.now() >= this.#keepAgainAt) return true
    return this.#noRoomFor !== undefined && this.store.hasRoom(this.#noRoomFor)
  }

  #hasRoom(bytes: number): boolean {
    const hasRoom = this.store.hasRoom(bytes)
    if (!hasRoom && this.#noRoomFor === undefined) this.queue.full(bytes)
    this.#noRoomFor = hasRoom ? undefined : bytes
    return hasRoom
  }

  #pause(): void {
    this.#keepAgainAt = this.clock.now() + keepPauseMs
  }

  async #move(lane: ReportLane, batch: ReportBatch): Promise<void> {
    const { length } = batch.questions
    lane.keeping++
    this.#onTheirWay += length
    const isKept = await this.keep(lane, batch)
    lane.keeping--
    this.#onTheirWay -= length
    if (isKept) this.queue.moved(length)
    else {
      lane.unkept.push(batch)
      this.#pause()
    }
    if (!lane.busy) this.queue.goOn(lane)
  }
}
