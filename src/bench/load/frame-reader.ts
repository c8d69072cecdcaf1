import { headBytes, largestWindow, standardFrameSize } from './frames.js'

/** Hears each frame: its body is `bytes` from `start` to `end`, which are another's as soon as this returns. */
export type OnFrame = (
  type: number,
  flags: number,
  stream: number,
  bytes: Buffer,
  start: number,
  end: number,
) => void

/** What one read brings at most. */
const inputBytes = 65_536

/**
 * Cuts what a socket brings into frames, without an object for any of them: all reads go into the same buffer, and only a
 * frame that one read began and the next one ends is copied.
 */
export class FrameReader {
  /** Where the socket puts what it reads. */
  readonly input = Buffer.allocUnsafeSlow(inputBytes)
  readonly #onFrame: OnFrame
  /** The beginning of a frame whose end has not come. */
  #begun: Buffer | undefined

  constructor(onFrame: OnFrame) {
    this.#onFrame = onFrame
  }

  /** Takes the first `length` bytes of `input`. @throws {TypeError} when a frame is larger than was agreed on */
  take(length: number): void {
    let bytes = this.input
    let end = length
    if (this.#begun !== undefined) {
      bytes = Buffer.concat([this.#begun, bytes.subarray(0, length)])
      end = bytes.length
    }
    let at = 0
    while (end - at >= headBytes) {
      const size = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)
      if (size > standardFrameSize) throw new TypeError(`the server sent a frame of ${size} bytes`)
      const start = at + headBytes
      if (end - start < size) break
      const stream = bytes.readUInt32BE(at + 5) & largestWindow
      this.#onFrame(bytes[at + 3] ?? 0, bytes[at + 4] ?? 0, stream, bytes, start, start + size)
      at = start + size
    }
    this.#begun = at === end ? undefined : Buffer.from(bytes.subarray(at, end))
  }
}
