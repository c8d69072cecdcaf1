import type { Int64 } from '../../attributes/index.js'

const initialBytes = 4_096
/** A scratch larger than this is given back after use, so that one large answer does not stay in memory. */
const keptBytes = 1_048_576

/**
 * Writes protobuf from the last byte to the first: when a nested message is complete, its length is known, and nothing
 * has to be measured beforehand or moved. So fields are written in the reverse of their order on the wire, and
 * repeated fields from the last to the first.
 *
 * One writer is used again and again; `finish` copies the message out.
 */
export class WireWriter {
  #bytes: Buffer = Buffer.allocUnsafeSlow(initialBytes)
  #start = initialBytes

  /** Marks the end of a nested message, before its content is written. Give it to `nested`. */
  mark(): number {
    return this.#bytes.length - this.#start
  }

  /** Closes a nested message: the content written since `mark` becomes a field. */
  nested(field: number, mark: number): void {
    this.#varint(this.mark() - mark)
    this.#varint((field << 3) | 2)
  }

  /** A field that holds a varint below 2^32 (`uint32`, `bool`, enum, non-negative `int32`). */
  uint32(field: number, value: number): void {
    this.#varint(value)
    this.#varint(field << 3)
  }

  sint32(field: number, value: number): void {
    this.#varint(((value << 1) ^ (value >> 31)) >>> 0)
    this.#varint(field << 3)
  }

  /** `int64` and `int32`: negative numbers take ten bytes. */
  int64(field: number, value: Int64): void {
    if (typeof value === 'number' && value >= 0 && value <= 0xffffffff) this.#varint(value)
    else this.#bigVarint(BigInt.asUintN(64, BigInt(value)))
    this.#varint(field << 3)
  }

  double(field: number, value: number): void {
    this.#reserve(8)
    this.#start -= 8
    this.#bytes.writeDoubleLE(value, this.#start)
    this.#varint((field << 3) | 1)
  }

  string(field: number, value: string): void {
    const mark = this.mark()
    this.text(value)
    this.nested(field, mark)
  }

  bytes(field: number, value: Uint8Array): void {
    const mark = this.mark()
    this.raw(value)
    this.nested(field, mark)
  }

  /** Encoded fields, as they are. */
  raw(value: Uint8Array): void {
    this.#reserve(value.length)
    this.#start -= value.length
    this.#bytes.set(value, this.#start)
  }

  /** The UTF-8 bytes of a text. */
  text(value: string): void {
    const length = value.length
    this.#reserve(length)
    const bytes = this.#bytes
    let at = this.#start
    for (let i = length - 1; i >= 0; i--) {
      const unit = value.charCodeAt(i)
      if (unit > 0x7f) {
        this.#unicode(value)
        return
      }
      bytes[--at] = unit
    }
    this.#start = at
  }

  /** The message, in bytes of its own. The writer is empty again. */
  finish(): Buffer {
    const message = Buffer.from(this.#bytes.subarray(this.#start))
    if (this.#bytes.length > keptBytes) this.#bytes = Buffer.allocUnsafeSlow(initialBytes)
    this.#start = this.#bytes.length
    return message
  }

  #unicode(value: string): void {
    const size = Buffer.byteLength(value)
    this.#reserve(size)
    this.#start -= size
    this.#bytes.write(value, this.#start, size, 'utf8')
  }

  #varint(value: number): void {
    this.#reserve(5)
    const bytes = this.#bytes
    if (value < 0x80) {
      bytes[--this.#start] = value
      return
    }
    let size = 2
    for (let rest = value >>> 14; rest > 0; rest >>>= 7) size++
    let at = this.#start - size
    this.#start = at
    let rest = value
    for (; rest >= 0x80; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80
    bytes[at] = rest
  }

  #bigVarint(value: bigint): void {
    this.#reserve(10)
    const groups: number[] = []
    let rest = value
    for (; rest >= 0x80n; rest >>= 7n) groups.push(Number(rest & 0x7fn) | 0x80)
    groups.push(Number(rest))
    for (let i = groups.length - 1; i >= 0; i--) this.#bytes[--this.#start] = groups[i]!
  }

  #reserve(count: number): void {
    if (this.#start >= count) return
    const used = this.#bytes.length - this.#start
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, used + count))
    this.#bytes.copy(larger, larger.length - used, this.#start)
    this.#start = larger.length - used
    this.#bytes = larger
  }
}
