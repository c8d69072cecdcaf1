import { decodeHuffman } from './huffman.js'
import { staticTable } from './static-table.js'

/** The dynamic table's size, as every peer may assume it. Entries count 32 bytes more than they hold. */
const tableBytes = 4_096
const entryOverhead = 32
const maxEntries = tableBytes / entryOverhead
/** Names and values of one header list, with the overhead of each. More is not kept; the call is refused. */
const maxListBytes = 65_536

/** What a header block says. */
export interface HeaderList {
  /** Name, value, name, value, ... in the order received. */
  readonly fields: readonly string[]
  /** The list was larger than is kept: `fields` is not all. */
  readonly tooLarge: boolean
}

/**
 * Decodes header blocks of one connection. Blocks must be given in the order received, every one of them, because each
 * may change the table for the next. Source: RFC 7541.
 */
export class HpackDecoder {
  readonly #names = new Array<string>(maxEntries).fill('')
  readonly #values = new Array<string>(maxEntries).fill('')
  /** The dynamic table is a ring: the newest entry stands before `#next`. */
  #next = 0
  #count = 0
  #size = 0
  #limit = tableBytes
  #scratch = Buffer.allocUnsafe(1_024)
  #bytes: Buffer = Buffer.alloc(0)
  #pos = 0
  #end = 0
  #broken = false

  /** Decodes a whole block; undefined when it is not well formed, after which the connection is of no use. */
  decode(block: Buffer): HeaderList | undefined {
    this.#bytes = block
    this.#pos = 0
    this.#end = block.length
    this.#broken = false
    const fields: string[] = []
    let listBytes = 0
    let mayResize = true
    while (this.#pos < this.#end && !this.#broken) {
      const first = block[this.#pos]!
      if ((first & 0xe0) === 0x20) {
        if (!mayResize) return undefined
        this.#resize(this.#integer(5))
        continue
      }
      mayResize = false
      const before = fields.length
      if (first >= 0x80) this.#indexed(fields)
      else this.#literal(first, fields)
      if (this.#broken) return undefined
      listBytes += fields[before]!.length + fields[before + 1]!.length + entryOverhead
      if (listBytes > maxListBytes) fields.length = before
    }
    if (this.#broken) return undefined
    return { fields, tooLarge: listBytes > maxListBytes }
  }

  #indexed(fields: string[]): void {
    const index = this.#integer(7)
    fields.push(this.#nameAt(index), this.#valueAt(index))
  }

  #literal(first: number, fields: string[]): void {
    const indexing = first >= 0x40
    const index = this.#integer(indexing ? 6 : 4)
    const name = index === 0 ? this.#string() : this.#nameAt(index)
    const value = this.#string()
    fields.push(name, value)
    if (indexing && !this.#broken) this.#insert(name, value)
  }

  #nameAt(index: number): string {
    const fixed = staticTable[index - 1]
    if (fixed !== undefined) return fixed[0]
    return this.#names[this.#place(index)] ?? ''
  }

  #valueAt(index: number): string {
    const fixed = staticTable[index - 1]
    if (fixed !== undefined) return fixed[1]
    return this.#values[this.#place(index)] ?? ''
  }

  /** Where an entry of the dynamic table stands in the ring. */
  #place(index: number): number {
    const age = index - staticTable.length - 1
    if (age < 0 || age >= this.#count) {
      this.#broken = true
      return 0
    }
    return (this.#next - 1 - age + 2 * maxEntries) % maxEntries
  }

  #insert(name: string, value: string): void {
    const size = name.length + value.length + entryOverhead
    this.#evict(this.#limit - size)
    if (size > this.#limit) return
    this.#names[this.#next] = name
    this.#values[this.#next] = value
    this.#next = (this.#next + 1) % maxEntries
    this.#count++
    this.#size += size
  }

  /** Forgets the oldest entries until the rest is at most so large. */
  #evict(room: number): void {
    while (this.#size > room && this.#count > 0) {
      const oldest = (this.#next - this.#count + maxEntries) % maxEntries
      this.#size -= this.#names[oldest]!.length + this.#values[oldest]!.length + entryOverhead
      this.#names[oldest] = ''
      this.#values[oldest] = ''
      this.#count--
    }
  }

  #resize(limit: number): void {
    if (limit > tableBytes) {
      this.#broken = true
      return
    }
    this.#limit = limit
    this.#evict(limit)
  }

  /** An integer whose first bits stand in the low `prefix` bits of the next byte. At most 2^28. */
  #integer(prefix: number): number {
    const mask = (1 << prefix) - 1
    const first = this.#bytes[this.#pos++]! & mask
    if (first < mask) return first
    let value = first
    for (let shift = 0; shift < 28; shift += 7) {
      if (this.#pos >= this.#end) break
      const byte = this.#bytes[this.#pos++]!
      value += (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    this.#broken = true
    return 0
  }

  #string(): string {
    if (this.#pos >= this.#end) {
      this.#broken = true
      return ''
    }
    const huffman = this.#bytes[this.#pos]! >= 0x80
    const length = this.#integer(7)
    const start = this.#pos
    if (this.#broken || length > this.#end - start) {
      this.#broken = true
      return ''
    }
    this.#pos += length
    if (!huffman) return this.#bytes.toString('latin1', start, this.#pos)
    // The shortest code has five bits, so the text is less than twice as long.
    if (this.#scratch.length < 2 * length) this.#scratch = Buffer.allocUnsafe(4 * length)
    const size = decodeHuffman(this.#bytes, start, this.#pos, this.#scratch)
    if (size < 0) this.#broken = true
    return size <= 0 ? '' : this.#scratch.toString('latin1', 0, size)
  }
}

/** A string without Huffman coding. */
function encodedString(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1')
  return Buffer.concat([encodedInteger(bytes.length, 7), bytes])
}

function encodedInteger(value: number, prefix: number): Buffer {
  const mask = (1 << prefix) - 1
  if (value < mask) return Buffer.from([value])
  const bytes = [mask]
  let rest = value - mask
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  bytes.push(rest)
  return Buffer.from(bytes)
}

/**
 * Encodes headers without touching any table: each is a number when the fixed table has it, otherwise a literal. So a
 * block can be made once and sent on every connection.
 */
export function encodeHeaders(headers: readonly (readonly [name: string, value: string])[]): Buffer {
  return Buffer.concat(
    headers.map(([name, value]) => {
      const whole = staticTable.findIndex(([known, its]) => known === name && its === value && value !== '')
      if (whole >= 0) return Buffer.from([0x80 | (whole + 1)])
      const named = staticTable.findIndex(([known]) => known === name)
      const head =
        named < 0 ? Buffer.concat([Buffer.from([0]), encodedString(name)]) : encodedInteger(named + 1, 4)
      return Buffer.concat([head, encodedString(value)])
    }),
  )
}
