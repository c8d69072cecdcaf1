import type { Clock, ReportBatch, ReportStore } from './ports.js'
import type { BatchBounds, ReportLane } from './report-lane.js'

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
}

/** Moves the oldest reports of a queue to disk while memory is nearly full. */
export class ReportKeeper {
  /** Batches that are being kept, and their instances, which are in memory still. */
  readonly #keeping = new Set<Promise<void>>()
  #onTheirWay = 0
  /** None is kept before. */
  #keepAgainAt = 0

  constructor(
    readonly store: ReportStore,
    private readonly clock: Clock,
    private readonly queue: KeptFrom,
  ) {}

  /** Moves the oldest batches that are not being sent, for as long as memory is so full. */
  makeRoom(): void {
    const { queue, store } = this
    while (this.#isNearlyFull() && this.#mayKeep() && store.hasRoom(queue.limits.maxBytes)) {
      const lane = queue.oldest()
      const batch = lane?.nextBatch(queue.limits, () => queue.newId())
      if (lane === undefined || batch === undefined) return
      const keeping = this.#move(lane, batch).finally(() => {
        this.#keeping.delete(keeping)
        this.makeRoom()
      })
      this.#keeping.add(keeping)
    }
  }

  /** Whether a batch is on disk now. */
  async keep(lane: ReportLane, batch: ReportBatch): Promise<boolean> {
    const bytes = batch.questions.reduce((sum, question) => sum + (question.bytes?.length ?? 0), 0)
    if (!this.store.hasRoom(bytes)) return false
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
    return !this.queue.isClosing && this.#keeping.size < mostKeeping && this.clock.now() >= this.#keepAgainAt
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
      this.#keepAgainAt = this.clock.now() + keepPauseMs
    }
    if (!lane.busy) this.queue.goOn(lane)
  }
}
