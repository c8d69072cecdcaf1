import type { Buffer } from 'node:buffer'
import { encodeAdapterFrame } from '../protocol/adapter-frames.js'
import { ResultBatch } from '../protocol/batch.js'
import type { AdapterFrame, WireResult } from '../protocol/frames.js'
import type { Limits } from '../protocol/limits.js'

/** A two-way pipe of frames, as a session sees it. */
export interface FramePipe {
  /** Sends a frame. `false`: it was taken, but the pipe is full; the session is told when there is room again. */
  write(frame: Buffer): boolean
  /** Stops, and goes on with, giving the session what comes in. */
  pause(): void
  resume(): void
  /** Nothing more will be written. */
  end(): void
}

/** Runs a function soon, after what is going on in this turn of the event loop. */
export type Schedule = (run: () => void) => void

/**
 * What a session sends. Results are gathered, and leave once a turn of the event loop or when no other is to come; everything
 * else leaves at once, behind the results that came before it. While the pipe is full nothing is read from it either, so that what waits
 * here is bounded by the calls that the host had credit for.
 */
export class Outbox {
  readonly #pipe: FramePipe
  readonly #schedule: Schedule
  readonly #batch: ResultBatch
  readonly #frameBytes: number
  #credits = 0
  #state: 'idle' | 'scheduled' | 'full' | 'ended' = 'idle'
  #waiting: (WireResult | AdapterFrame)[] = []

  /** @param limits what the host said it takes. */
  constructor(pipe: FramePipe, limits: Limits, schedule: Schedule) {
    this.#pipe = pipe
    this.#schedule = schedule
    this.#batch = new ResultBatch(limits)
    this.#frameBytes = limits.frameBytes
  }

  /** `true` while the pipe takes nothing. */
  get full(): boolean {
    return this.#state === 'full'
  }

  /**
   * Sends a result, and with it so much credit: with the next batch, or with all that have been gathered now if it is the
   * last one that there will be for a while.
   */
  result(result: WireResult, credits: number, isLast = false): void {
    this.#credits += credits
    if (this.#state === 'full') {
      this.#waiting.push(result)
      return
    }
    if (this.#state === 'ended') return
    this.#add(result)
    if (isLast) this.#flush()
    else if (this.#state === 'idle') {
      this.#state = 'scheduled'
      this.#schedule(this.#flushScheduled)
    }
  }

  /** Sends a frame behind everything before it. */
  frame(frame: AdapterFrame): void {
    if (this.#state === 'ended') return
    if (this.#state === 'full') {
      this.#waiting.push(frame)
      return
    }
    this.#flush()
    this.#write(this.#encode(frame))
  }

  /** The pipe has room again. */
  drained(): void {
    if (this.#state !== 'full') return
    this.#state = 'idle'
    const waiting = this.#waiting
    this.#waiting = []
    this.#pipe.resume()
    for (const item of waiting) {
      if ('id' in item) this.result(item, 0)
      else this.frame(item)
    }
    if (!this.full) this.#flush()
  }

  /** Sends what waits and then the last frame, whether the pipe is full or not, and ends the pipe. */
  end(last: AdapterFrame): void {
    if (this.#state === 'ended') return
    const waiting = this.#waiting
    this.#waiting = []
    for (const item of waiting) {
      if ('id' in item) this.#add(item)
      else {
        this.#flush()
        this.#pipe.write(this.#encode(item))
      }
    }
    this.#flush()
    this.#state = 'ended'
    this.#pipe.write(encodeAdapterFrame(last))
    this.#pipe.end()
  }

  /** The pipe has gone. */
  abandon(): void {
    this.#state = 'ended'
    this.#waiting = []
  }

  readonly #flushScheduled = (): void => {
    if (this.#state !== 'scheduled') return
    this.#state = 'idle'
    this.#flush()
  }

  #add(result: WireResult): void {
    let added = this.#tryAdd(result)
    if (added === 'full') {
      this.#writeBatch()
      added = this.#tryAdd(result)
    }
    if (added !== 'too-large') return
    const message = 'The answer does not fit into a frame'
    this.#batch.add({ kind: 'failed', id: result.id, code: 'ADAPTER_LIMIT', message })
  }

  /** What an author answered may be anything; what cannot be encoded is a failed answer. */
  #tryAdd(result: WireResult) {
    try {
      return this.#batch.add(result)
    } catch (thrown) {
      const message = `The answer cannot be encoded: ${thrown instanceof Error ? thrown.message : thrown}`
      return this.#batch.add({ kind: 'failed', id: result.id, code: 'ADAPTER_PROTOCOL', message })
    }
  }

  /** Of problems with settings there may be more than fit into a frame: then the first ones are sent. */
  #encode(frame: AdapterFrame): Buffer {
    let bytes = encodeAdapterFrame(frame)
    if (frame.kind !== 'refused') return bytes
    let { problems } = frame
    while (bytes.length > this.#frameBytes && problems.length > 0) {
      const fewer = problems.slice(0, Math.floor(problems.length / 2))
      problems = fewer.length > 0 ? fewer : [{ path: '', message: 'what is wrong does not fit into a frame' }]
      bytes = encodeAdapterFrame({ ...frame, problems })
    }
    return bytes
  }

  #flush(): void {
    if (this.#batch.count > 0) this.#writeBatch()
  }

  #writeBatch(): void {
    const credits = this.#credits
    this.#credits = 0
    this.#write(this.#batch.take(credits))
  }

  #write(frame: Buffer): void {
    if (this.#pipe.write(frame) || this.#state === 'full') return
    this.#state = 'full'
    this.#pipe.pause()
  }
}
