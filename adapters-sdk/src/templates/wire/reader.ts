import { Buffer } from 'node:buffer'
import { AdapterError } from '../../errors.js'
import { maxDepth } from './limits.js'
import { textOf } from './text-cache.js'

/** The wire types of protobuf. */
export const wireType = { varint: 0, fixed64: 1, length: 2, group: 3, groupEnd: 4, fixed32: 5 } as const

/**
 * Reads protobuf from bytes that nobody vouches for. Every step is checked against the end of the enclosing message
 * and moves forward, so the work is linear in the bytes. What is wrong throws AdapterError `ADAPTER_PROTOCOL`.
 * Varints need not be minimal.
 */
export class WireReader {
  readonly #buffer: Buffer
  #at = 0
  /** Nothing may be read beyond: the end of the innermost message that was entered. */
  #end: number
  #depth = 0
  /** The halves of the varint read last. */
  #low = 0
  #high = 0

  constructor(bytes: Uint8Array) {
    this.#buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#end = bytes.length
  }

  malformed(what: string): AdapterError {
    return new AdapterError('ADAPTER_PROTOCOL', `${what} at byte ${this.#at}`)
  }

  /** The bytes that are read, not to be changed. */
  get buffer(): Buffer {
    return this.#buffer
  }

  /** Where the reader stands. */
  get at(): number {
    return this.#at
  }

  /** Where the message being read ends. */
  get end(): number {
    return this.#end
  }

  /** Goes to the end of the message being read: nobody wants the rest. */
  toEnd(): void {
    this.#at = this.#end
  }

  /** Steps over bytes of the message being read, which has so many more: what they say is known. */
  pass(bytes: number): void {
    this.#at += bytes
  }

  /** Steps over a key when it comes next. Only a key of one byte is seen; others are for `key()`. */
  passKey(key: number): boolean {
    if (key > 127 || this.#at >= this.#end || this.#buffer[this.#at] !== key) return false
    this.#at++
    return true
  }

  /** How many messages have been entered and not left. */
  get depth(): number {
    return this.#depth
  }

  /** Whether the message being read has more fields. */
  more(): boolean {
    return this.#at < this.#end
  }

  /**
   * A field's key, `number << 3 | wire type`.
   * @throws {AdapterError} for numbers outside 1 to 2^29 - 1
   */
  key(): number {
    const first = this.#buffer[this.#at]
    if (first !== undefined && first < 128 && first >= 8 && this.#at < this.#end) {
      this.#at++
      return first
    }
    this.#varint()
    if (this.#high !== 0 || this.#low < 8) throw this.malformed('a field number out of range')
    return this.#low
  }

  #varint(): void {
    const first = this.#buffer[this.#at]
    if (first !== undefined && first < 128 && this.#at < this.#end) {
      this.#at++
      this.#low = first
      this.#high = 0
      return
    }
    let low = 0
    let high = 0
    for (let i = 0; i < 10; i++) {
      if (this.#at >= this.#end) throw this.malformed('an integer is cut off')
      const byte = this.#buffer[this.#at++] ?? 0
      const bits = byte & 127
      if (i < 4) low |= bits << (7 * i)
      else if (i === 4) {
        low |= bits << 28
        high = bits >>> 4
      } else if (i < 9) high |= bits << (7 * i - 32)
      else high |= bits << 31
      if (byte < 128) {
        this.#low = low >>> 0
        this.#high = high >>> 0
        return
      }
    }
    throw this.malformed('an integer of more than ten bytes')
  }

  /** The low 32 bits, signed. */
  int32(): number {
    this.#varint()
    return this.#low | 0
  }

  /** The low 32 bits, unsigned. */
  uint32(): number {
    this.#varint()
    return this.#low
  }

  sint32(): number {
    this.#varint()
    return (this.#low >>> 1) ^ -(this.#low & 1)
  }

  bool(): boolean {
    this.#varint()
    return this.#low !== 0 || this.#high !== 0
  }

  int64(): bigint {
    this.#varint()
    if (this.#high < 0x200000) return BigInt(this.#high * 4294967296 + this.#low)
    return (BigInt(this.#high | 0) << 32n) | BigInt(this.#low)
  }

  uint64(): bigint {
    return BigInt.asUintN(64, this.int64())
  }

  sint64(): bigint {
    const zigzag = this.uint64()
    return (zigzag >> 1n) ^ -(zigzag & 1n)
  }

  #step(bytes: number): number {
    const at = this.#at
    if (at + bytes > this.#end) throw this.malformed('the end is missing')
    this.#at = at + bytes
    return at
  }

  fixed32(): number {
    return this.#buffer.readUInt32LE(this.#step(4))
  }

  sfixed32(): number {
    return this.#buffer.readInt32LE(this.#step(4))
  }

  fixed64(): bigint {
    return this.#buffer.readBigUInt64LE(this.#step(8))
  }

  sfixed64(): bigint {
    return this.#buffer.readBigInt64LE(this.#step(8))
  }

  float(): number {
    return this.#buffer.readFloatLE(this.#step(4))
  }

  double(): number {
    return this.#buffer.readDoubleLE(this.#step(8))
  }

  #length(): number {
    this.#varint()
    if (this.#high !== 0 || this.#low > this.#end - this.#at) throw this.malformed('a length beyond the end')
    return this.#low
  }

  /** Enters a nested message or packed list; give what it returns to `leave`, once `more()` is false. */
  enter(): number {
    if (++this.#depth > maxDepth) throw this.malformed(`more than ${maxDepth} messages inside each other`)
    const outer = this.#end
    this.#end = this.#length() + this.#at
    return outer
  }

  leave(outer: number): void {
    this.#depth--
    this.#end = outer
  }

  /** Text; bytes that are no UTF-8 become U+FFFD. */
  string(): string {
    const length = this.#length()
    const start = this.#step(length)
    return textOf(this.#buffer, start, start + length)
  }

  /** A copy, which does not keep the message alive. */
  bytes(): Uint8Array {
    const length = this.#length()
    const start = this.#step(length)
    return new Uint8Array(this.#buffer.subarray(start, start + length))
  }

  /** Steps over a field that nobody asked for, groups included. */
  skip(key: number): void {
    switch (key & 7) {
      case wireType.varint:
        this.#varint()
        return
      case wireType.fixed64:
        this.#step(8)
        return
      case wireType.length:
        this.#step(this.#length())
        return
      case wireType.group:
        this.#skipGroup(key >>> 3)
        return
      case wireType.fixed32:
        this.#step(4)
        return
      default:
        throw this.malformed(`wire type ${key & 7}`)
    }
  }

  #skipGroup(number: number): void {
    if (++this.#depth > maxDepth) throw this.malformed(`more than ${maxDepth} messages inside each other`)
    while (this.more()) {
      const key = this.key()
      if ((key & 7) === wireType.groupEnd) {
        if (key >>> 3 !== number) throw this.malformed('the end of another group')
        this.#depth--
        return
      }
      this.skip(key)
    }
    throw this.malformed('the end of a group is missing')
  }
}
