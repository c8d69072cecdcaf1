import { type HeaderList, HpackDecoder } from './hpack.js'
import { ConnectionFault, errorCode, flag, frameType } from './protocol.js'

/** The largest header block, compressed, in all its frames. */
const maxBlockBytes = 65_536
const priorityBytes = 5

/** A header block that is complete. */
export interface Headers extends HeaderList {
  readonly stream: number
  readonly endStream: boolean
}

interface Pending {
  readonly stream: number
  readonly endStream: boolean
  readonly parts: Buffer[]
  bytes: number
}

/** Puts HEADERS and their CONTINUATION frames together, and decodes them in order. */
export class HeaderBlocks {
  readonly #hpack = new HpackDecoder()
  #pending: Pending | undefined

  /** Between a HEADERS frame and the last of its CONTINUATION frames nothing else may come. */
  get isPending(): boolean {
    return this.#pending !== undefined
  }

  /** Takes a HEADERS or CONTINUATION frame; undefined: the block goes on in the next frame. */
  add(type: number, flags: number, stream: number, payload: Buffer): Headers | ConnectionFault | undefined {
    const endHeaders = (flags & flag.endHeaders) !== 0
    if (type === frameType.continuation) {
      const pending = this.#pending
      if (pending === undefined || pending.stream !== stream)
        return new ConnectionFault(errorCode.protocolError, 'CONTINUATION of no header block')
      pending.parts.push(payload)
      pending.bytes += payload.length
      // Empty frames without end cost time, too.
      if (pending.bytes > maxBlockBytes || pending.parts.length > 64)
        return new ConnectionFault(errorCode.enhanceYourCalm, 'a header block beyond the limit')
      if (!endHeaders) return undefined
      this.#pending = undefined
      return this.#decode(stream, pending.endStream, Buffer.concat(pending.parts))
    }
    const block = unpadded(flags, payload, (flags & flag.priority) !== 0 ? priorityBytes : 0)
    if (block instanceof ConnectionFault) return block
    const endStream = (flags & flag.endStream) !== 0
    if (endHeaders) return this.#decode(stream, endStream, block)
    this.#pending = { stream, endStream, parts: [block], bytes: block.length }
    return undefined
  }

  #decode(stream: number, endStream: boolean, block: Buffer): Headers | ConnectionFault {
    const list = this.#hpack.decode(block)
    if (list === undefined)
      return new ConnectionFault(errorCode.compressionError, 'a header block that is malformed')
    return { stream, endStream, fields: list.fields, tooLarge: list.tooLarge }
  }
}

/** A payload without its padding and the bytes before its content. */
export function unpadded(flags: number, payload: Buffer, skip: number): Buffer | ConnectionFault {
  if ((flags & flag.padded) === 0 && skip === 0) return payload
  const padded = (flags & flag.padded) !== 0
  const padding = padded ? (payload[0] ?? 0) : 0
  const start = (padded ? 1 : 0) + skip
  if (start + padding > payload.length)
    return new ConnectionFault(errorCode.protocolError, 'padding longer than the frame')
  return payload.subarray(start, payload.length - padding)
}
