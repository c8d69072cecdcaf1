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

/**
 * Cuts what comes from a socket into frames. A frame that came in one piece is a view of it; others are put together
 * once, when their last byte is there. Holds less than one frame of the largest size, and the chunk that it was given.
 */
export class FrameSplitter {
  readonly #maxFrameBytes: number
  readonly #frame: (bytes: Buffer) => void
  #waiting: Buffer[] = []
  #waitingBytes = 0
  /** How many bytes must be there before it is worth looking again. */
  #wanted = headBytes

  /** @param maxFrameBytes a longer frame is refused before its bytes are kept. */
  constructor(maxFrameBytes: number, frame: (bytes: Buffer) => void) {
    this.#maxFrameBytes = maxFrameBytes
    this.#frame = frame
  }

  /** @throws {ProtocolError} `PROTOCOL_FRAME_TOO_LARGE`; nothing that follows on this socket can be read then. */
  push(chunk: Buffer): void {
    let bytes = chunk
    if (this.#waitingBytes > 0) {
      this.#waiting.push(chunk)
      this.#waitingBytes += chunk.length
      if (this.#waitingBytes < this.#wanted) return
      bytes = Buffer.concat(this.#waiting, this.#waitingBytes)
      this.#waiting = []
      this.#waitingBytes = 0
    }
    let at = 0
    this.#wanted = headBytes
    while (bytes.length - at >= headBytes) {
      const length = bytes.readUInt32BE(at)
      if (length > this.#maxFrameBytes) {
        const message = `A frame of ${length} bytes; at most ${this.#maxFrameBytes} are taken`
        throw new ProtocolError('PROTOCOL_FRAME_TOO_LARGE', message)
      }
      const end = at + headBytes + length
      if (end > bytes.length) {
        this.#wanted = headBytes + length
        break
      }
      this.#frame(bytes.subarray(at + headBytes, end))
      at = end
    }
    if (at === bytes.length) return
    this.#waiting = [bytes.subarray(at)]
    this.#waitingBytes = bytes.length - at
  }
}
