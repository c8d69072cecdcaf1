import { Buffer } from 'node:buffer'
import { AdapterError } from '../../errors.js'
import { maxMessageBytes } from './limits.js'

/** ASCII strings up to this length are written by a loop; longer ones by Node. */
const shortString = 40

/** What the buffer may keep between messages; a larger one is given back after use. */
const keptBytes = 65_536
/** How much messages share that are taken; a longer one has more. As Node has it for small buffers. */
const sharedBytes = 8_192
/** With less room a message begins in new memory. */
const leastRoom = 512

/**
 * Writes protobuf into one growing buffer, used again for message after message. A nested message is written in place
 * and moved when its length needs more than one byte, so that nothing is measured twice and every length is minimal.
 * Every method throws AdapterError `ADAPTER_LIMIT` when the message would pass {@link maxMessageBytes}.
 */
export class WireWriter {
  #buffer = Buffer.allocUnsafeSlow(1_024)
  /** Where the message begins: what stands before it was taken. */
  #start = 0
  #at = 0

  /** Forgets what was written. */
  restart(): void {
    this.#at = this.#start
    if (this.#start === 0) {
      if (this.#buffer.length > keptBytes) this.#buffer = Buffer.allocUnsafeSlow(1_024)
    } else if (this.#buffer.length > sharedBytes || this.#buffer.length - this.#start < leastRoom) {
      this.#buffer = Buffer.allocUnsafeSlow(sharedBytes)
      this.#start = 0
      this.#at = 0
    }
  }

  /** A copy of what was written since `restart`. */
  finish(): Uint8Array {
    if (this.length > maxMessageBytes) throw this.#tooLarge()
    const copy = Buffer.allocUnsafe(this.length)
    this.#buffer.copy(copy, 0, this.#start, this.#at)
    return copy
  }

  /**
   * What was written since `restart`, where it stands: for messages that are many and soon gone. It keeps those alive that were
   * written just before and after it, of some 8 KiB together; `finish` gives one that keeps nothing.
   */
  take(): Uint8Array {
    if (this.length > maxMessageBytes) throw this.#tooLarge()
    const taken = this.#buffer.subarray(this.#start, this.#at)
    this.#start = this.#at
    return taken
  }

  #room(bytes: number): void {
    const needed = this.#at + bytes
    if (needed > this.#buffer.length) this.#grow(needed)
  }

  #grow(needed: number): void {
    // Texts reserve three bytes a character, so the buffer may be larger than the longest message.
    if (this.length > maxMessageBytes || needed - this.#start > 4 * maxMessageBytes) throw this.#tooLarge()
    // The message stays at its place, which those who write it know.
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2))
    this.#buffer.copy(grown, this.#start, this.#start, this.#at)
    this.#buffer = grown
  }

  #tooLarge(): AdapterError {
    return new AdapterError('ADAPTER_LIMIT', `Cannot encode a message of more than ${maxMessageBytes} bytes`)
  }

  /** A field's key, `number << 3 | wire type`, or any unsigned integer below 2^32. */
  uint32(value: number): void {
    if (this.#at + 5 > this.#buffer.length) this.#room(5)
    const buffer = this.#buffer
    let rest = value
    while (rest > 127) {
      buffer[this.#at++] = (rest & 127) | 128
      rest >>>= 7
    }
    buffer[this.#at++] = rest
  }

  /** A 64-bit integer in two's complement: signed or unsigned, as a varint. Numbers must be safe integers. */
  int64(value: number | bigint): void {
    if (typeof value === 'number') {
      if (value >= 0 && value <= 0xffffffff) this.uint32(value)
      else this.#varint64(value >>> 0, Math.floor(value / 4294967296) >>> 0)
    } else {
      this.#varint64(Number(BigInt.asUintN(32, value)), Number(BigInt.asUintN(32, value >> 32n)))
    }
  }

  #varint64(low: number, high: number): void {
    this.#room(10)
    const buffer = this.#buffer
    let lo = low
    let hi = high
    while (hi > 0) {
      buffer[this.#at++] = (lo & 127) | 128
      lo = ((lo >>> 7) | (hi << 25)) >>> 0
      hi >>>= 7
    }
    this.uint32(lo)
  }

  bool(value: boolean): void {
    this.#room(1)
    this.#buffer[this.#at++] = value ? 1 : 0
  }

  fixed32(value: number): void {
    this.#room(4)
    this.#at = this.#buffer.writeUInt32LE(value >>> 0, this.#at)
  }

  fixed64(value: bigint): void {
    this.#room(8)
    this.#at = this.#buffer.writeBigUInt64LE(BigInt.asUintN(64, value), this.#at)
  }

  float(value: number): void {
    this.#room(4)
    this.#at = this.#buffer.writeFloatLE(Number.isNaN(value) ? Number.NaN : value, this.#at)
  }

  /** NaN is written in one form, so that equal values give equal bytes. */
  double(value: number): void {
    this.#room(8)
    if (Number.isNaN(value)) {
      this.fixed64(0x7ff8000000000000n)
      return
    }
    this.#at = this.#buffer.writeDoubleLE(value, this.#at)
  }

  /** Text with its length before it. Half a surrogate pair is written as U+FFFD. */
  string(value: string): void {
    const length = value.length
    this.#room(length * 3 + 5)
    if (length <= shortString && this.#ascii(value, length)) return
    const start = this.begin()
    this.#at = start + this.#buffer.write(value, start, 'utf8')
    this.end(start)
  }

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

  /** Bytes with their length before them. */
  bytes(value: Uint8Array): void {
    this.uint32(value.length)
    this.raw(value)
  }

  /** Bytes as they are: something that was encoded before. */
  raw(value: Uint8Array): void {
    const length = value.length
    this.#room(length)
    const buffer = this.#buffer
    if (length <= 16) for (let i = 0; i < length; i++) buffer[this.#at + i] = value[i] ?? 0
    else buffer.set(value, this.#at)
    this.#at += length
  }

  /** How many bytes have been written since `restart`. */
  get length(): number {
    return this.#at - this.#start
  }

  /** Copies what was written from `start` on (what `length` was then) to the beginning of `target`, which has room for it. */
  copyInto(target: Uint8Array, start: number): void {
    this.#buffer.copy(target, 0, this.#start + start, this.#at)
  }

  /** Begins a nested message, after its key; give what it returns to `end`. */
  begin(): number {
    this.#room(1)
    return ++this.#at
  }

  /** Ends the nested message that began at `start`. */
  end(start: number): void {
    const length = this.#at - start
    if (length < 128) {
      this.#buffer[start - 1] = length
      return
    }
    const extra = length < 0x4000 ? 1 : length < 0x200000 ? 2 : 3
    this.#room(extra)
    this.#buffer.copyWithin(start + extra, start, this.#at)
    const after = this.#at + extra
    this.#at = start - 1
    this.uint32(length)
    this.#at = after
  }
}
