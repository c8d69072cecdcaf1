import { type Int64, int64 } from '../../attributes/index.js'
import { decodeText } from './text.js'

/** The wire types of protobuf that a reader meets. Groups are of fields that nobody knows, and passed over. */
export const varintType = 0
export const fixed64Type = 1
export const bytesType = 2
const groupType = 3
const groupEndType = 4
export const fixed32Type = 5

/** How deep groups may be in each other, as other readers of protobuf allow. */
const maxGroupDepth = 100

/**
 * Reads protobuf fields from the bytes of one message, without making objects. Malformed bytes are a value, not an
 * exception: the first problem is kept in `problem`, every later read gives 0 and `more()` answers false, so that a
 * reading loop simply ends.
 */
export class WireReader {
  /** What was wrong with the bytes; undefined while nothing was. */
  problem: string | undefined = undefined
  readonly bytes: Buffer
  pos: number
  end: number

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.bytes = bytes
    this.pos = start
    this.end = end
  }

  /** Whether the message that is being read has another field. */
  more(): boolean {
    return this.pos < this.end
  }

  fail(problem: string): void {
    this.problem ??= problem
    this.pos = this.end
  }

  /** The next field's number and wire type: `number << 3 | type`. */
  tag(): number {
    const tag = this.varint32()
    if (tag >>> 3 === 0) this.fail('field number 0')
    return tag
  }

  /** The low 32 bits of a varint, unsigned. */
  varint32(): number {
    const bytes = this.bytes
    let pos = this.pos
    if (pos < this.end) {
      const first = bytes[pos++]!
      if (first < 0x80) {
        this.pos = pos
        return first
      }
      let value = first & 0x7f
      for (let shift = 7; shift < 70 && pos < this.end; shift += 7) {
        const byte = bytes[pos++]!
        if (shift < 32) value |= (byte & 0x7f) << shift
        if (byte < 0x80) {
          this.pos = pos
          return value >>> 0
        }
      }
    }
    this.fail('varint without end')
    return 0
  }

  /** A `sint32` (zigzag). */
  sint32(): number {
    const raw = this.varint32()
    return (raw >>> 1) ^ -(raw & 1)
  }

  /** An `int64`, exact; also right for `int32` and enum values, which negative numbers sign-extend. */
  int64(): Int64 {
    const bytes = this.bytes
    let pos = this.pos
    let low = 0
    for (let shift = 0; shift < 28 && pos < this.end; shift += 7) {
      const byte = bytes[pos++]!
      low |= (byte & 0x7f) << shift
      if (byte < 0x80) {
        this.pos = pos
        return low
      }
    }
    // Up to seven bytes are 49 bits: still exact in a double.
    for (let scale = 2 ** 28; scale < 2 ** 49 && pos < this.end; scale *= 128) {
      const byte = bytes[pos++]!
      low += (byte & 0x7f) * scale
      if (byte < 0x80) {
        this.pos = pos
        return low
      }
    }
    let high = 0n
    for (let shift = 49n; shift < 70n && pos < this.end; shift += 7n) {
      const byte = bytes[pos++]!
      high |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) {
        this.pos = pos
        return int64(high | BigInt(low))
      }
    }
    this.fail('varint without end')
    return 0
  }

  bool(): boolean {
    return this.int64() !== 0
  }

  double(): number {
    if (this.pos + 8 > this.end) {
      this.fail('truncated fixed64')
      return 0
    }
    const value = this.bytes.readDoubleLE(this.pos)
    this.pos += 8
    return value
  }

  /** The length of a length-delimited field, checked against what is there. Zero after a problem. */
  length(): number {
    const length = this.varint32()
    if (length > this.end - this.pos) {
      this.fail('length beyond the end of the message')
      return 0
    }
    return length
  }

  /** Goes into an embedded message; give what it answers to `leave`. */
  enter(): number {
    const length = this.length()
    const outer = this.end
    if (this.problem === undefined) this.end = this.pos + length
    return outer
  }

  /** Back to the enclosing message, whose end `enter` answered. */
  leave(outer: number): void {
    this.end = outer
    if (this.problem !== undefined) this.pos = outer
  }

  string(): string {
    const length = this.length()
    const start = this.pos
    this.pos = start + length
    return decodeText(this.bytes, start, this.pos)
  }

  /** A copy, so that it does not keep the whole message alive. */
  copyBytes(): Uint8Array {
    const length = this.length()
    const copy = new Uint8Array(length)
    for (let i = 0; i < length; i++) copy[i] = this.bytes[this.pos + i]!
    this.pos += length
    return copy
  }

  /** Passes over the value of a field that is not wanted. */
  skip(tag: number): void {
    switch (tag & 7) {
      case varintType:
        this.#skipVarint()
        return
      case fixed64Type:
        this.#advance(8)
        return
      case bytesType: {
        const length = this.length()
        this.pos += length
        return
      }
      case fixed32Type:
        this.#advance(4)
        return
      case groupType:
        this.#skipGroup(tag)
        return
      default:
        this.fail(`wire type ${tag & 7}`)
    }
  }

  /** Passes over the fields of a group, and its end, which has its number. */
  #skipGroup(begin: number): void {
    const open = [begin >>> 3]
    while (open.length > 0) {
      if (!this.more()) {
        this.fail('group without end')
        return
      }
      const tag = this.tag()
      if ((tag & 7) === groupType) {
        if (open.length === maxGroupDepth) this.fail(`more than ${maxGroupDepth} groups in each other`)
        open.push(tag >>> 3)
      } else if ((tag & 7) !== groupEndType) this.skip(tag)
      else if (open.pop() !== tag >>> 3) this.fail('group with the end of another')
    }
  }

  #skipVarint(): void {
    const stop = Math.min(this.end, this.pos + 10)
    for (let pos = this.pos; pos < stop; pos++) {
      if (this.bytes[pos]! < 0x80) {
        this.pos = pos + 1
        return
      }
    }
    this.fail('varint without end')
  }

  #advance(count: number): void {
    if (this.pos + count > this.end) this.fail('truncated fixed value')
    else this.pos += count
  }
}
