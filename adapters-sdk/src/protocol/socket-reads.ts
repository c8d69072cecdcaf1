import { Buffer } from 'node:buffer'

/** Most bytes of one read. */
const readBytes = 65_536
/** One for all sockets: what was read into it has been copied out, or used, before anything else is read. */
const input = Buffer.allocUnsafeSlow(readBytes)

/**
 * Where a socket's bytes go. Unless it is given a buffer, Node makes one of 64 KiB for each read, and sends what came through a
 * stream: for an answer of 30 bytes both cost more than reading it. Measured in src/bench/session-hop.ts.
 */
export class SocketReads {
  /** For `connect`, of `node:net` and `node:tls` alike, and for a new `Socket`. It then has no `data`. */
  readonly onread: { readonly buffer: Uint8Array; callback(length: number): boolean }
  /** Gets each chunk. May be replaced at any time. */
  take: (chunk: Buffer) => void

  /**
   * @param chunks `kept`: a chunk is its taker's own. `lent`: it is the buffer itself, and other bytes stand in it once `take` has
   * returned; copying reports of 50 KB, and having the system make room for the copies, costs more than reading them.
   */
  constructor(take: (chunk: Buffer) => void, chunks: 'kept' | 'lent' = 'kept') {
    this.take = take
    this.onread = {
      buffer: input,
      callback: length => {
        const chunk = input.subarray(0, length)
        this.take(chunks === 'lent' ? chunk : Buffer.from(chunk))
        return true
      },
    }
  }
}
