import type { TemplateDefinition } from '@outboard/adapters-sdk'
import { Fifo } from './fifo.js'
import type { KeptBatch, Question, ReportBatch } from './ports.js'

/** Bounds of one batch. */
export interface BatchBounds {
  readonly maxItems: number
  readonly maxBytes: number
}

/** Bytes of a batch's questions. */
export function bytesOf({ questions }: ReportBatch): number {
  return questions.reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 0)
}

/** A handler's reports of one template, in their order. */
export class ReportLane {
  readonly template: TemplateDefinition
  /** Of no batch yet. */
  readonly waiting = new Fifo<Question>()
  /** Bytes of those that wait. */
  bytes = 0
  /** The batch under way; it stays the same, with the same id, until it has an end. */
  batch: ReportBatch | undefined
  /** The same one, when it is one that was kept on disk. */
  kept: KeptBatch | undefined
  /** A kept batch is being read, to become the one under way. */
  reading = false
  /** How many of the oldest batches are on their way to disk: what is newer waits for them. */
  keeping = 0
  /** Batches that could not be kept; they go before what waits. */
  readonly unkept: ReportBatch[] = []
  tries = 0
  stopTimer: (() => void) | undefined

  constructor(template: TemplateDefinition) {
    this.template = template
  }

  /** Whether a batch is under way, or about to be. */
  get busy(): boolean {
    return this.batch !== undefined || this.reading || this.keeping > 0
  }

  /** Whether there is anything of no batch under way, in memory. */
  get hasMore(): boolean {
    return this.unkept.length > 0 || this.waiting.length > 0
  }

  push(question: Question): void {
    this.waiting.push(question)
    this.bytes += question.bytes?.length ?? 0
  }

  /** Takes the oldest of those that wait. */
  takeOldest(): Question | undefined {
    const oldest = this.waiting.take()
    this.bytes -= oldest?.bytes?.length ?? 0
    return oldest
  }

  /** Bytes of the next batch from memory; 0 when there is none. */
  nextBytes(bounds: BatchBounds): number {
    const [unkept] = this.unkept
    return unkept === undefined ? this.#next(bounds).bytes : bytesOf(unkept)
  }

  /** The next batch from memory, of at least one question; undefined when there is none. `newId` names a new one. */
  nextBatch(bounds: BatchBounds, newId: () => string): ReportBatch | undefined {
    const unkept = this.unkept.shift()
    if (unkept !== undefined) return unkept
    const { items, bytes } = this.#next(bounds)
    const questions: Question[] = []
    for (let question = this.waiting.peek(); question !== undefined && questions.length < items; ) {
      questions.push(question)
      this.waiting.take()
      question = this.waiting.peek()
    }
    this.bytes -= bytes
    return questions.length === 0 ? undefined : { id: newId(), questions }
  }

  /** How many of those that wait fit into one batch: at least one, however large. */
  #next({ maxItems, maxBytes }: BatchBounds): { readonly items: number; readonly bytes: number } {
    let items = 0
    let bytes = 0
    for (let next = this.waiting.peek(); next !== undefined; next = this.waiting.at(items)) {
      const more = bytes + (next.bytes?.length ?? 0)
      if (items > 0 && (items >= maxItems || more > maxBytes)) break
      bytes = more
      items++
    }
    return { items, bytes }
  }

  /** Everything that is left in memory, in batches: the one under way first, under its id. Nothing is under way then. */
  takeAll(bounds: BatchBounds, newId: () => string): ReportBatch[] {
    this.stopTimer?.()
    this.stopTimer = undefined
    const left: ReportBatch[] = []
    if (this.kept !== undefined) this.kept.putBack()
    else if (this.batch !== undefined) left.push(this.batch)
    this.batch = undefined
    this.kept = undefined
    for (let next = this.nextBatch(bounds, newId); next !== undefined; next = this.nextBatch(bounds, newId))
      left.push(next)
    return left
  }
}
