import { Flag, FrameType, frame, headBytes, standardFrameSize, standardWindow } from './frames.js'
import type { RequestBlocks } from './hpack.js'
import type { RawCall } from './raw-call.js'
import type { TurnOutput } from './turn-output.js'

/** Where the number of the stream stands in a frame's head. */
const streamAt = 5

/** Writes calls into what a connection says. */
export class RequestWriter {
  /** How much the server still takes on this connection. */
  window = standardWindow
  readonly #output: TurnOutput
  readonly #headers: RequestBlocks
  /** The HEADERS frame of the next call, but for its stream. */
  #head: Buffer
  /** That of every call behind it. */
  #later: Buffer

  constructor(output: TurnOutput, headers: RequestBlocks) {
    this.#output = output
    this.#headers = headers
    this.#head = headersFrame(headers.first)
    this.#later = headersFrame(headers.later)
  }

  /** From now on, fields that need no table of the server's. */
  useLiterals(): void {
    this.#head = headersFrame(this.#headers.literal)
    this.#later = this.#head
  }

  head(call: RawCall): void {
    const at = this.#output.reserve(this.#head.length)
    const { bytes } = this.#output
    bytes.set(this.#head, at)
    bytes.writeUInt32BE(call.stream, at + streamAt)
    this.#head = this.#later
  }

  /** Sends as much of a call's body as both windows allow; `blocked`: the connection's window is used up. */
  body(call: RawCall): 'sent' | 'waits' | 'blocked' {
    const { message } = call.request
    while (call.sent < message.length) {
      const size = Math.min(this.window, call.window, standardFrameSize, message.length - call.sent)
      if (size <= 0) return this.window <= 0 ? 'blocked' : 'waits'
      const at = this.#output.reserve(headBytes + size)
      const { bytes } = this.#output
      const isLast = call.sent + size === message.length
      bytes.writeUIntBE(size, at, 3)
      bytes[at + 3] = FrameType.data
      bytes[at + 4] = isLast ? Flag.endStream : 0
      bytes.writeUInt32BE(call.stream, at + streamAt)
      if (size === message.length) bytes.set(message, at + headBytes)
      else message.copy(bytes, at + headBytes, call.sent, call.sent + size)
      call.sent += size
      call.window -= size
      this.window -= size
    }
    return 'sent'
  }
}

function headersFrame(block: Buffer): Buffer {
  return frame(FrameType.headers, Flag.endHeaders, 0, block)
}
