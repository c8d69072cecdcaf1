import { Buffer } from 'node:buffer'
import { ProtocolError } from './errors.js'

/** ASCII strings up to this length are read by a loop; longer ones by Node. Measured. */
const shortString = 24

/** Wire types of the protobuf encoding. */
export const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const

/** Reads the protobuf encoding. Every read is checked against the end of the frame; what is wrong throws. */
export class FrameReader {
  readonly #buffer: Buffer
  #at = 0
  #lastLength = 0

  constructor(bytes: Uint8Array) {
    this.#buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  get at(): number {
    return this.#at
  }

  get length(): number {
    return this.#buffer.length
  }

  /** Bytes of the string that was read last. */
  get lastLength(): number {
    return this.#lastLength
  }

  malformed(what: string): ProtocolError {
    return new ProtocolError('PROTOCOL_MALFORMED', `Cannot decode frame: ${what} at byte ${this.#at}`)
  }

  /**
   * A field's key (number and wire type) as one integer.
   * @throws {ProtocolError} for field number 0 and for numbers above 2^29 - 1.
   */
  key(): number {
    const key = this.uint()
    if (key < 8 || key > 0xffffffff) throw this.malformed('a field number out of range')
    return key
  }

  /** An unsigned integer up to 2^53 - 1. */
  uint(): number {
    const buffer = this.#buffer
    let byte = buffer[this.#at++]
    if (byte === undefined) throw this.malformed('the end is missing')
    if (byte < 128) return byte
    let value = byte & 127
    let scale = 128
    for (let i = 1; i < 10; i++) {
      byte = buffer[this.#at++]
      if (byte === undefined) throw this.malformed('the end is missing')
      value += (byte & 127) * scale
      if (byte < 128) {
        if (value > Number.MAX_SAFE_INTEGER) throw this.malformed('an integer above 2^53 - 1')
        return value
      }
      scale *= 128
    }
    throw this.malformed('an integer of more than ten bytes')
  }

  /** An unsigned integer of 32 bits. */
  uint32(): number {
    const value = this.uint()
    if (value > 0xffffffff) throw this.malformed('an integer above 2^32 - 1')
    return value
  }

  /** A zigzag integer of 64 bits. */
  sint64(): bigint {
    const zigzag = this.#uint64()
    return (zigzag >> 1n) ^ -(zigzag & 1n)
  }

  /** A two's complement integer of 64 bits (`int32`, `int64`, `uint32`, enums). */
  int64(): bigint {
    return BigInt.asIntN(64, this.#uint64())
  }

  #uint64(): bigint {
    const start = this.#at
    const end = this.#endOfVarint()
    let value = 0n
    for (let i = end - 1; i >= start; i--) value = (value << 7n) | BigInt(this.#buffer.readUInt8(i) & 127)
    return BigInt.asUintN(64, value)
  }

  #endOfVarint(): number {
    for (let i = 0; i < 10; i++) {
      const byte = this.#buffer[this.#at++]
      if (byte === undefined) throw this.malformed('the end is missing')
      if (byte < 128) return this.#at
    }
    throw this.malformed('an integer of more than ten bytes')
  }

  bool(): boolean {
    const start = this.#at
    const end = this.#endOfVarint()
    for (let i = start; i < end; i++) if ((this.#buffer.readUInt8(i) & 127) !== 0) return true
    return false
  }

  double(): number {
    if (this.#at + 8 > this.#buffer.length) throw this.malformed('the end is missing')
    const value = this.#buffer.readDoubleLE(this.#at)
    this.#at += 8
    return value
  }

  float(): number {
    if (this.#at + 4 > this.#buffer.length) throw this.malformed('the end is missing')
    const value = this.#buffer.readFloatLE(this.#at)
    this.#at += 4
    return value
  }

  /** The length of what follows, and with it where it ends. */
  enter(): number {
    const length = this.uint()
    const end = this.#at + length
    if (end > this.#buffer.length) throw this.malformed('a length beyond the end')
    return end
  }

  /** Checks that a nested message ended where it said. */
  leave(end: number): void {
    if (this.#at !== end) throw this.malformed('a field across the end of its message')
  }

  /** Text; bytes that are not UTF-8 become U+FFFD. */
  string(): string {
    const end = this.enter()
    const start = this.#at
    this.#at = end
    this.#lastLength = end - start
    const buffer = this.#buffer
    if (end - start <= shortString) {
      let text = ''
      let i = start
      for (; i < end; i++) {
        const byte = buffer[i]
        if (byte === undefined || byte > 127) break
        text += String.fromCharCode(byte)
      }
      if (i === end) return text
    }
    return buffer.toString('utf8', start, end)
  }

  /** A view, not a copy: it lives as long as the frame. */
  bytes(): Uint8Array {
    const end = this.enter()
    const view = this.#buffer.subarray(this.#at, end)
    this.#at = end
    return view
  }

  /**
   * Steps over a field that we do not know.
   * @throws {ProtocolError} for the wire types of groups, which this protocol never uses.
   */
  skip(key: number): void {
    switch (key & 7) {
      case wire.varint:
        this.#endOfVarint()
        return
      case wire.fixed64:
        this.#at += 8
        break
      case wire.bytes:
        this.#at = this.enter()
        return
      case wire.fixed32:
        this.#at += 4
        break
      default:
        throw this.malformed(`wire type ${key & 7}`)
    }
    if (this.#at > this.#buffer.length) throw this.malformed('the end is missing')
  }
}
