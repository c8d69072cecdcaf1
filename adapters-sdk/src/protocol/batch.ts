import type { Buffer } from 'node:buffer'
import { writeCall } from './call-codec.js'
import type { WireCall, WireResult } from './frames.js'
import type { Limits } from './limits.js'
import { writeResult } from './result-codec.js'
import { FrameWriter } from './writer.js'

/** Bytes of a frame that are not calls or results: its header, and the credits. */
const overhead = 16

/** `full`: take the frame first, then add again. `too-large`: it fits into no frame. */
export type Added = 'added' | 'full' | 'too-large'

/** Gathers items into one frame, encoding each at once, so that nothing waits as an object. */
abstract class Batch<Item> {
  protected readonly writer = new FrameWriter(16_384)
  readonly #limits: Pick<Limits, 'frameBytes' | 'batchItems'>
  #count = 0

  /** @param limits what the receiver said it takes. */
  constructor(limits: Pick<Limits, 'frameBytes' | 'batchItems'>) {
    this.#limits = limits
    this.writer.reserveHeader()
  }

  protected abstract write(item: Item): void

  /** Items gathered. */
  get count(): number {
    return this.#count
  }

  /** Bytes gathered. */
  get bytes(): number {
    return this.writer.length
  }

  /** @throws {RangeError} when an integer of the item is negative or no number; the batch is as it was before. */
  add(item: Item): Added {
    if (this.#count >= this.#limits.batchItems) return 'full'
    const before = this.writer.length
    try {
      this.write(item)
    } catch (thrown) {
      this.writer.truncate(before)
      throw thrown
    }
    if (this.writer.length + overhead > this.#limits.frameBytes) {
      this.writer.truncate(before)
      return this.#count === 0 ? 'too-large' : 'full'
    }
    this.#count++
    return 'added'
  }

  protected takeFrame(field: number): Buffer {
    const frame = this.writer.takeFramed(field)
    this.#count = 0
    this.writer.reserveHeader()
    return frame
  }
}

/** Gathers calls into a `calls` frame. */
export class CallBatch extends Batch<WireCall> {
  protected override write(call: WireCall): void {
    writeCall(this.writer, call)
  }

  /** The frame's bytes; the batch is empty again. */
  take(): Buffer {
    return this.takeFrame(4)
  }
}

/** Gathers results into a `results` frame. */
export class ResultBatch extends Batch<WireResult> {
  protected override write(result: WireResult): void {
    writeResult(this.writer, result)
  }

  /** The frame's bytes, with further credit for the host; the batch is empty again. */
  take(credits: number): Buffer {
    this.writer.uint(2, credits)
    return this.takeFrame(4)
  }
}
