import { Buffer } from 'node:buffer'
import { ProtocolError } from './errors.js'

/** The feature of an adapter whose address also takes sessions on bare sockets. */
export const socketFeature = 'socket'

/** What an HTTP/1.1 connection is asked to become, in the header `upgrade`, so that it carries the frames of a session. */
export const socketUpgrade = 'outboard-session'

/** Before each frame on a socket: its length in bytes, 32 bits, the most significant byte first. */
const headBytes = 4

/** A frame as it stands on a socket. */
export function socketFrame(frame: Uint8Array): Buffer {
  const { length } = frame
  const bytes = Buffer.allocUnsafe(headBytes + length)
  bytes[0] = length >>> 24
  bytes[1] = length >>> 16
  bytes[2] = length >>> 8
  bytes[3] = length
  bytes.set(frame, headBytes)
  return bytes
}

/** Larger frames are written behind their heads instead of being copied behind them. */
const largeFrame = 8_192

/** What a frame is written to: any writable stream. */
export interface FrameSink {
  write(bytes: Buffer): unknown
  cork(): void
  uncork(): void
}

/** Writes a frame to a socket. */
export function writeFrame(socket: FrameSink, frame: Buffer): void {
  if (frame.length < largeFrame) {
    socket.write(socketFrame(frame))
    return
  }
  const head = Buffer.allocUnsafe(headBytes)
  head.writeUInt32BE(frame.length)
  socket.cork()
  socket.write(head)
  socket.write(frame)
  socket.uncork()
}

/** What a splitter keeps of its memory for the next frame that comes in pieces; a larger piece of it is given back. */
const keptBytes = 262_144

/**
 * Cuts what comes from a socket into frames. A frame that came in one piece is a view of it; the pieces of others are
 * put together. Holds less than one frame of the largest size, in at most twice as much memory.
 */
export class FrameSplitter {
  readonly #maxFrameBytes: number
  readonly #frame: (bytes: Buffer) => void
  readonly #frames: 'kept' | 'lent'
  /** The frame that is not whole yet, from its head on. */
  #partial = Buffer.alloc(0)
  #partialBytes = 0

  /**
   * @param maxFrameBytes a longer frame is refused before its bytes are kept.
   * @param frames `kept`: a frame that was put together is its taker's own, as one in one piece is for as long as the chunk is.
   * `lent`: other bytes stand there once `frame` has returned.
   */
  constructor(maxFrameBytes: number, frame: (bytes: Buffer) => void, frames: 'kept' | 'lent' = 'kept') {
    this.#maxFrameBytes = maxFrameBytes
    this.#frame = frame
    this.#frames = frames
  }

  /** @throws {ProtocolError} `PROTOCOL_FRAME_TOO_LARGE`; nothing that follows on this socket can be read then. */
  push(chunk: Buffer): void {
    let at = this.#partialBytes > 0 ? this.#goOn(chunk) : 0
    while (chunk.length - at >= headBytes) {
      const end = at + headBytes + this.#length(chunk, at)
      if (end > chunk.length) break
      this.#frame(chunk.subarray(at + headBytes, end))
      at = end
    }
    if (at < chunk.length) this.#add(chunk, at, chunk.length)
  }

  /** Adds what belongs to the frame that is not whole yet; answers where the next one begins. */
  #goOn(chunk: Buffer): number {
    let at = 0
    if (this.#partialBytes < headBytes) {
      at = Math.min(headBytes - this.#partialBytes, chunk.length)
      this.#add(chunk, 0, at)
      if (this.#partialBytes < headBytes) return at
    }
    const wanted = headBytes + this.#length(this.#partial, 0)
    const end = Math.min(at + wanted - this.#partialBytes, chunk.length)
    this.#add(chunk, at, end)
    if (this.#partialBytes === wanted) this.#give(wanted)
    return end
  }

  #give(wanted: number): void {
    const whole = this.#partial
    this.#partialBytes = 0
    if (this.#frames === 'kept' || whole.length > keptBytes) this.#partial = Buffer.alloc(0)
    this.#frame(whole.subarray(headBytes, wanted))
  }

  #add(chunk: Buffer, start: number, end: number): void {
    const bytes = this.#partialBytes + end - start
    if (bytes > this.#partial.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(bytes, 2 * this.#partial.length))
      this.#partial.copy(grown, 0, 0, this.#partialBytes)
      this.#partial = grown
    }
    chunk.copy(this.#partial, this.#partialBytes, start, end)
    this.#partialBytes = bytes
  }

  #length(bytes: Buffer, at: number): number {
    const length = bytes.readUInt32BE(at)
    if (length <= this.#maxFrameBytes) return length
    const message = `A frame of ${length} bytes; at most ${this.#maxFrameBytes} are taken`
    throw new ProtocolError('PROTOCOL_FRAME_TOO_LARGE', message)
  }
}
