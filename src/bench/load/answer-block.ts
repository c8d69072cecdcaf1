import { bareEnd, bareStart, Flag, FrameType } from './frames.js'
import type { AnswerFields } from './hpack.js'
import { KnownBlocks } from './known-blocks.js'

/** Puts the blocks of header fields together that a connection sends, in one frame or with continuations. */
export class AnswerBlock {
  readonly #known = new KnownBlocks()
  readonly #parts: Buffer[] = []
  #isLast = false

  /** Whether the block that is read, or was read last, ends its call. */
  get isLast(): boolean {
    return this.#isLast
  }

  /** A HEADERS or CONTINUATION frame. Answers the fields when the block is complete. */
  take(type: number, flags: number, bytes: Buffer, start: number, end: number): AnswerFields | undefined {
    if (type === FrameType.headers) {
      this.#isLast = (flags & Flag.endStream) !== 0
      this.#parts.length = 0
    }
    const isFirst = type === FrameType.headers
    const from = isFirst ? bareStart(type, flags, start) : start
    const to = isFirst ? bareEnd(type, flags, bytes, start, end) : end
    const isComplete = (flags & Flag.endHeaders) !== 0
    if (isFirst && isComplete) return this.#known.read(bytes, from, to)
    this.#parts.push(Buffer.from(bytes.subarray(from, to)))
    if (!isComplete) return undefined
    const whole = Buffer.concat(this.#parts.splice(0))
    return this.#known.read(whole, 0, whole.length)
  }
}
