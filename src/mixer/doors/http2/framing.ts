import { promisify } from 'node:util'
import { gunzip, inflate } from 'node:zlib'
import { Code } from '@outboard/adapters-sdk'
import { Refusal } from '../service.js'

const gunzipAsync = promisify(gunzip)
const inflateAsync = promisify(inflate)

/** The encodings of messages that are understood. */
export const acceptedEncodings = 'identity,gzip,deflate'

export interface Frame {
  readonly compressed: boolean
  readonly message: Buffer
}

/**
 * Cuts a stream of bytes into gRPC messages. Holds at most one message of the largest size allowed, and what came
 * behind it in the same chunk.
 */
export class FrameReader {
  readonly #maxBytes: number
  #chunks: Buffer[] = []
  #size = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#size += chunk.length
  }

  /** Whether bytes are left that are no whole message. */
  get hasRest(): boolean {
    return this.#size > 0
  }

  /** The next message; undefined when it is not all there; a refusal when it can never be. */
  next(): Frame | Refusal | undefined {
    if (this.#size < 5) return undefined
    let bytes = this.#chunks[0]!
    if (bytes.length < 5) bytes = this.#joined()
    const flag = bytes[0]!
    const length = bytes.readUInt32BE(1)
    if (length > this.#maxBytes) return tooLarge(length, this.#maxBytes)
    if (flag > 1) return new Refusal(Code.INTERNAL, `malformed frame: compression flag ${flag}`)
    if (this.#size < length + 5) return undefined
    if (bytes.length < length + 5) bytes = this.#joined()
    const message = bytes.subarray(5, 5 + length)
    if (bytes.length === 5 + length) this.#chunks.shift()
    else this.#chunks[0] = bytes.subarray(5 + length)
    this.#size -= 5 + length
    return { compressed: flag === 1, message }
  }

  #joined(): Buffer {
    const joined = Buffer.concat(this.#chunks)
    this.#chunks = [joined]
    return joined
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
