import type { Socket } from 'node:net'
import { frameHeaderBytes, frameType } from './protocol.js'

/**
 * The frames that a connection sends. Everything of one turn of the event loop goes out in one write, which is what
 * makes a busy connection cheap.
 */
export class FrameOutput {
  readonly #socket: Socket
  #chunks: Buffer[] = []
  #bytes = 0
  #scheduled = false

  constructor(socket: Socket) {
    this.#socket = socket
  }

  /** Bytes that the socket has not taken yet. */
  get waitingBytes(): number {
    return this.#bytes + this.#socket.writableLength
  }

  frame(type: number, flags: number, stream: number, payload: Buffer): void {
    const bytes = Buffer.allocUnsafe(frameHeaderBytes + payload.length)
    writeFrameHeader(bytes, 0, payload.length, type, flags, stream)
    payload.copy(bytes, frameHeaderBytes)
    this.raw(bytes)
  }

  /** A frame whose payload is one number. */
  number(type: number, stream: number, value: number): void {
    const bytes = Buffer.allocUnsafe(frameHeaderBytes + 4)
    writeFrameHeader(bytes, 0, 4, type, 0, stream)
    bytes.writeUInt32BE(value, frameHeaderBytes)
    this.raw(bytes)
  }

  goaway(lastStream: number, code: number, why: string): void {
    const payload = Buffer.alloc(8 + Buffer.byteLength(why))
    payload.writeUInt32BE(lastStream, 0)
    payload.writeUInt32BE(code, 4)
    payload.write(why, 8)
    this.frame(frameType.goaway, 0, 0, payload)
  }

  /** Complete frames, as they are. */
  raw(bytes: Buffer): void {
    this.#chunks.push(bytes)
    this.#bytes += bytes.length
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => this.flush())
  }

  flush(): void {
    this.#scheduled = false
    if (this.#chunks.length === 0) return
    const chunks = this.#chunks
    const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, this.#bytes)
    this.#chunks = []
    this.#bytes = 0
    if (this.#socket.writable) this.#socket.write(bytes)
  }
}

/** Writes the nine bytes before a frame's payload. */
export function writeFrameHeader(
  bytes: Buffer,
  at: number,
  length: number,
  type: number,
  flags: number,
  stream: number,
): void {
  bytes[at] = length >>> 16
  bytes[at + 1] = (length >>> 8) & 0xff
  bytes[at + 2] = length & 0xff
  bytes[at + 3] = type
  bytes[at + 4] = flags
  bytes.writeUInt32BE(stream, at + 5)
}
