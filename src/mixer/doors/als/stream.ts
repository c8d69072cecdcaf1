import type { StreamReceiver, StreamSender } from '../service.js'
import { type Identifier, type RawEntry, readMessage, unknownIdentifier } from './message.js'
import { EntryQueue, type QueueBounds } from './queue.js'

/** What a stream of logs needs of the door. */
export interface LogSink {
  /** Maps entries and gives them to the engine. Never rejects. */
  report(entries: readonly RawEntry[], identifier: Identifier): Promise<void>
  dropped(count: number): void
  malformed(why: string): void
}

export interface LogStreamOptions extends QueueBounds {
  readonly batchEntries: number
}

const emptyResponse = Buffer.alloc(0)

/**
 * One stream of access logs. Reading never waits for anybody: messages are cut into entries and queued, and the queue
 * is emptied beside it, one batch at a time. The stream ends with the one (empty) response when its sender has ended
 * and everything was handed over, or when the server stops.
 */
export class LogStream implements StreamReceiver {
  readonly #sink: LogSink
  readonly #out: StreamSender
  readonly #options: LogStreamOptions
  readonly #queue: EntryQueue
  #identifier: Identifier = unknownIdentifier
  #pumping = false
  #ending = false

  constructor(sink: LogSink, out: StreamSender, options: LogStreamOptions) {
    this.#sink = sink
    this.#out = out
    this.#options = options
    this.#queue = new EntryQueue(options)
  }

  message(bytes: Buffer): void {
    const read = readMessage(bytes)
    if ('malformed' in read) {
      this.#sink.malformed(read.malformed)
      return
    }
    if (read.identifier !== undefined) this.#identifier = read.identifier
    let dropped = 0
    for (const entry of read.entries) dropped += this.#queue.push(entry)
    if (dropped > 0) this.#sink.dropped(dropped)
    if (!this.#pumping) void this.#pump()
  }

  ended(): void {
    this.#ending = true
    this.#endWhenEmpty()
  }

  draining(): void {
    this.ended()
  }

  /** The sender has gone; what it has sent is reported nevertheless. */
  cancelled(): void {}

  async #pump(): Promise<void> {
    this.#pumping = true
    while (this.#queue.size > 0)
      await this.#sink.report(this.#queue.take(this.#options.batchEntries), this.#identifier)
    this.#pumping = false
    this.#endWhenEmpty()
  }

  #endWhenEmpty(): void {
    if (!this.#ending || this.#pumping) return
    this.#out.send(emptyResponse)
    this.#out.end()
  }
}
