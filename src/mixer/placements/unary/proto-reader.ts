import { failure } from '../failure.js'

/**
 * Reads the protobuf encoding of an answer, as any standard encoder writes it. What is not an answer throws
 * `ADAPTER_PROTOCOL`; nothing is ever read behind the end.
 */
export class ProtoReader {
  /** Number and wire type of the field that `next` stopped at. */
  field = 0
  wire = 0
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** Moves to the next field; false at the end. */
  next(): boolean {
    if (this.#at >= this.#bytes.length) return false
    const key = Number(this.#varint() & 0xffffffffn)
    this.field = key >>> 3
    this.wire = key & 7
    if (this.field === 0) throw this.#malformed('field number 0')
    return true
  }

  int64(): bigint {
    this.#expect(0)
    return BigInt.asIntN(64, this.#varint())
  }

  int32(): number {
    return Number(BigInt.asIntN(32, this.int64()))
  }

  /** A view, not a copy. */
  bytes(): Buffer {
    this.#expect(2)
    const length = Number(this.#varint())
    if (length > this.#bytes.length - this.#at) throw this.#malformed('a length beyond the end')
    const view = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += length
    return view
  }

  string(): string {
    return this.bytes().toString('utf8')
  }

  /** Steps over a field that is of no interest. */
  skip(): void {
    switch (this.wire) {
      case 0:
        this.#varint()
        return
      case 1:
        this.#forward(8)
        return
      case 2:
        this.bytes()
        return
      case 5:
        this.#forward(4)
        return
      default:
        throw this.#malformed(`wire type ${this.wire}`)
    }
  }

  #varint(): bigint {
    const first = this.#bytes[this.#at]
    if (first !== undefined && first < 128) {
      this.#at += 1
      return BigInt(first)
    }
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw this.#malformed('the end is missing')
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return BigInt.asUintN(64, value)
    }
    throw this.#malformed('an integer of more than ten bytes')
  }

  #forward(bytes: number): void {
    this.#at += bytes
    if (this.#at > this.#bytes.length) throw this.#malformed('the end is missing')
  }

  #expect(wire: number): void {
    if (this.wire !== wire) {
      throw this.#malformed(`field ${this.field} with wire type ${this.wire} instead of ${wire}`)
    }
  }

  #malformed(what: string) {
    return failure('ADAPTER_PROTOCOL', `Cannot decode the adapter's answer: ${what} at byte ${this.#at}`)
  }
}
