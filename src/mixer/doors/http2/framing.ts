import { promisify } from 'node:util'
import { gunzip, inflate } from 'node:zlib'
import { Code } from '@outboard/adapters-sdk'
import { Refusal } from '../service.js'
import type { Share } from './room.js'

const gunzipAsync = promisify(gunzip)
const inflateAsync = promisify(inflate)

/** The encodings of messages that are understood. */
export const acceptedEncodings = 'identity,gzip,deflate'

export interface Frame {
  readonly compressed: boolean
  readonly message: Buffer
}

const noBytes = Buffer.alloc(0)
/** What a call is answered with whose message finds no room. */
export const noRoom = new Refusal(Code.RESOURCE_EXHAUSTED, 'Too many bytes of messages that are not whole')

/**
 * Cuts a stream of bytes into gRPC messages. A message that is all there is a part of its chunk. Of any other, memory for
 * its announced size is taken from the call's share, and chunks are copied into it: kept as they came, small ones would
 * hold many times their size.
 */
export class FrameReader {
  readonly #maxBytes: number
  readonly #share: Share
  /** What is not cut yet. */
  #rest: Buffer = noBytes
  /** The message that is arriving, and how much of it is there. */
  #message: Buffer | undefined
  #compressed = false
  #arrived = 0

  constructor(maxBytes: number, share: Share) {
    this.#maxBytes = maxBytes
    this.#share = share
  }

  push(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
  }

  /** Whether bytes are left that are no whole message. */
  get hasRest(): boolean {
    return this.#rest.length > 0 || this.#message !== undefined
  }

  /** The next message; undefined when it is not all there; a refusal when it can never be. */
  next(): Frame | Refusal | undefined {
    return this.#message === undefined ? this.#begin() : this.#continue(this.#message)
  }

  #begin(): Frame | Refusal | undefined {
    const rest = this.#rest
    if (rest.length < 5) {
      // Memory of its own, so that four bytes do not hold what they came in.
      if (rest.length > 0) this.#rest = Buffer.concat([rest])
      return undefined
    }
    const flag = rest[0]!
    const length = rest.readUInt32BE(1)
    if (length > this.#maxBytes) return tooLarge(length, this.#maxBytes)
    if (flag > 1) return new Refusal(Code.INTERNAL, `malformed frame: compression flag ${flag}`)
    const compressed = flag === 1
    const end = 5 + length
    if (rest.length >= end) {
      this.#rest = rest.length === end ? noBytes : rest.subarray(end)
      return { compressed, message: rest.subarray(5, end) }
    }
    if (!this.#share.take(length)) return noRoom
    this.#rest = rest.subarray(5)
    this.#compressed = compressed
    this.#arrived = 0
    this.#message = Buffer.allocUnsafeSlow(length)
    return this.#continue(this.#message)
  }

  #continue(message: Buffer): Frame | undefined {
    const rest = this.#rest
    const copied = rest.copy(message, this.#arrived)
    this.#arrived += copied
    this.#rest = copied === rest.length ? noBytes : rest.subarray(copied)
    if (this.#arrived < message.length) return undefined
    this.#message = undefined
    return { compressed: this.#compressed, message }
  }
}

/** What a message beyond the limit is answered with; the words are those of other implementations. */
export function tooLarge(size: number, limit: number): Refusal {
  return new Refusal(Code.RESOURCE_EXHAUSTED, `Received message larger than max (${size} vs. ${limit})`)
}

/** Whether messages of this `grpc-encoding` can be read; otherwise what to answer. */
export function refusedEncoding(encoding: string): Refusal | undefined {
  if (encoding === 'identity' || encoding === 'gzip' || encoding === 'deflate') return undefined
  return new Refusal(
    Code.UNIMPLEMENTED,
    `Received message compressed with unsupported encoding "${encoding}"`,
  )
}

/** The content of a compressed message, at most `maxBytes`. Never rejects. */
export async function decompressed(
  message: Buffer,
  encoding: string,
  maxBytes: number,
): Promise<Buffer | Refusal> {
  if (encoding === 'identity')
    return new Refusal(Code.INTERNAL, 'malformed frame: compressed, but no grpc-encoding was named')
  const expand = encoding === 'gzip' ? gunzipAsync : inflateAsync
  try {
    return await expand(message, { maxOutputLength: maxBytes })
  } catch (error) {
    const tooLong = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
    if (!tooLong) return new Refusal(Code.INTERNAL, 'Failed to decompress message')
    const why = `Received message that decompresses to a size larger than ${maxBytes}`
    return new Refusal(Code.RESOURCE_EXHAUSTED, why)
  }
}
