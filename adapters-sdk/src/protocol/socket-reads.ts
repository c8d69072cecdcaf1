import { Buffer } from 'node:buffer'

/** Most bytes of one read. */
const readBytes = 65_536
/** One for all sockets: what was read into it is copied out before anything else is read. */
const input = Buffer.allocUnsafeSlow(readBytes)

/**
 * Where a socket's bytes go. Unless it is given a buffer, Node makes one of 64 KiB for each read, and sends what came through a
 * stream: for an answer of 30 bytes both cost more than reading it. Measured in src/bench/session-hop.ts.
 */
export class SocketReads {
  /** For `connect`, of `node:net` and `node:tls` alike, and for a new `Socket`. It then has no `data`. */
  readonly onread: { readonly buffer: Uint8Array; callback(length: number): boolean } = {
    buffer: input,
    callback: length => {
      const chunk = Buffer.allocUnsafe(length)
      input.copy(chunk, 0, 0, length)
      this.take(chunk)
      return true
    },
  }
  /** Gets each chunk, which is its own to keep. May be replaced at any time. */
  take: (chunk: Buffer) => void

  constructor(take: (chunk: Buffer) => void) {
    this.take = take
  }
}
