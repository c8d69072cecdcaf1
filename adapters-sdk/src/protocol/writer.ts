import { Buffer } from 'node:buffer'

/** Strings up to this length are written by a loop, as long as they are ASCII; longer ones by Node. Measured. */
const shortString = 40

/** Room for a field's key below 16 and a length. */
const headerBytes = 6

/**
 * Writes the protobuf encoding into one growing buffer. Nested messages are written in place and moved when their
 * length needs more than one byte, so that nothing is measured twice.
 */
export class FrameWriter {
  #buffer: Buffer
  #at = 0

  constructor(initialBytes = 4096) {
    this.#buffer = Buffer.allocUnsafeSlow(initialBytes)
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#at
  }

  /** Gives up what was written after `length`. */
  truncate(length: number): void {
    this.#at = length
  }

  /** A copy of what was written from `from` on; the writer starts again. */
  take(from = 0): Buffer {
    const copy = Buffer.allocUnsafe(this.#at - from)
    this.#buffer.copy(copy, 0, from, this.#at)
    this.#at = 0
    return copy
  }

  /** Leaves room for a header that `takeFramed` writes; only at the start. */
  reserveHeader(): void {
    this.#at = headerBytes
  }

  /** A copy of what follows the reserved header, as the nested message `field`; the writer starts again. */
  takeFramed(field: number): Buffer {
    const length = this.#at - headerBytes
    const from = headerBytes - 1 - varintLength(length)
    const end = this.#at
    this.#at = from
    this.varint((field << 3) | 2)
    this.varint(length)
    this.#at = end
    return this.take(from)
  }

  #room(bytes: number): void {
    const needed = this.#at + bytes
    if (needed <= this.#buffer.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2))
    this.#buffer.copy(grown, 0, 0, this.#at)
    this.#buffer = grown
  }

  /**
   * An unsigned integer up to 2^53 - 1.
   * @throws {RangeError} for anything else: one wrong byte would make the whole frame unreadable.
   */
  varint(value: number): void {
    if (!(value >= 0 && value <= Number.MAX_SAFE_INTEGER)) throw new RangeError(`${value} is out of range`)
    this.#room(10)
    let rest = value
    while (rest > 0x7fffffff) {
      this.#buffer[this.#at++] = (rest % 128) | 0x80
      rest = Math.floor(rest / 128)
    }
    while (rest > 127) {
      this.#buffer[this.#at++] = (rest & 127) | 128
      rest >>>= 7
    }
    this.#buffer[this.#at++] = rest
  }

  /** A field that holds an unsigned integer; 0 is not written. */
  uint(field: number, value: number): void {
    if (value === 0) return
    this.varint(field << 3)
    this.varint(value)
  }

  /** A field that holds a signed integer, zigzag (`sint64`); 0 is not written. */
  sint64(field: number, value: bigint): void {
    if (value === 0n) return
    this.varint(field << 3)
    let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
    this.#room(10)
    while (rest > 127n) {
      this.#buffer[this.#at++] = Number(rest & 127n) | 128
      rest >>= 7n
    }
    this.#buffer[this.#at++] = Number(rest)
  }

  bool(field: number, value: boolean): void {
    if (value) this.uint(field, 1)
  }

  double(field: number, value: number): void {
    this.varint((field << 3) | 1)
    this.#room(8)
    this.#buffer.writeDoubleLE(value, this.#at)
    this.#at += 8
  }

  /** A string field; an empty one is not written. */
  string(field: number, value: string): void {
    if (value !== '') this.stringAlways(field, value)
  }

  stringAlways(field: number, value: string): void {
    this.varint((field << 3) | 2)
    const length = value.length
    this.#room(length * 3 + 5)
    if (length <= shortString && this.#ascii(value, length)) return
    const start = this.#at + 1
    const bytes = this.#buffer.write(value, start, 'utf8')
    this.#at = start + bytes
    this.#closeLength(start)
  }

  /** Writes a short ASCII string; false, with nothing written, when it is not ASCII. */
  #ascii(value: string, length: number): boolean {
    const buffer = this.#buffer
    const start = this.#at + 1
    for (let i = 0; i < length; i++) {
      const unit = value.charCodeAt(i)
      if (unit > 127) return false
      buffer[start + i] = unit
    }
    buffer[this.#at] = length
    this.#at = start + length
    return true
  }

  /** A bytes field, written even when empty. */
  bytes(field: number, value: Uint8Array): void {
    this.varint((field << 3) | 2)
    this.varint(value.length)
    this.#room(value.length)
    this.#buffer.set(value, this.#at)
    this.#at += value.length
  }

  /** Begins a nested message; give what it returns to `end`. */
  begin(field: number): number {
    this.varint((field << 3) | 2)
    this.#room(1)
    return ++this.#at
  }

  end(start: number): void {
    this.#closeLength(start)
  }

  /** Writes the length of what stands from `start` on into the byte before it, moving the content if one is too few. */
  #closeLength(start: number): void {
    const length = this.#at - start
    if (length < 128) {
      this.#buffer[start - 1] = length
      return
    }
    const extra = varintLength(length) - 1
    this.#room(extra)
    this.#buffer.copyWithin(start + extra, start, this.#at)
    const end = this.#at + extra
    this.#at = start - 1
    this.varint(length)
    this.#at = end
  }
}

/** Bytes of an unsigned integer below 2^32 as a varint. */
export function varintLength(value: number): number {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  if (value < 0x200000) return 3
  return value < 0x10000000 ? 4 : 5
}
