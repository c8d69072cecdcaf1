import { huffmanText } from './huffman.js'

// As much of HPACK (RFC 7541) as a client needs that sends the same fields with each call, and told the server to keep no
// dynamic table: every field of an answer then comes as it is, or by its number in the static table.

/** What a block of header fields says of a gRPC call. */
export interface AnswerFields {
  /** `:status`; undefined in trailers. */
  readonly httpStatus: number | undefined
  readonly grpcStatus: string | undefined
  readonly grpcMessage: string | undefined
}

/** The entries of the static table that are `:status`: 8 to 14. */
const firstStatus = 8
const statuses = [200, 204, 206, 304, 400, 404, 500]
/** Entries of the static table. */
const staticEntries = 61

/** Reads a block. @throws {TypeError} when it needs a dynamic table, or ends too soon */
export function readAnswerFields(block: Buffer): AnswerFields {
  const reader = new BlockReader(block)
  const found = new Map<string, string>()
  while (reader.more()) {
    const first = reader.peek()
    if (first >= 0x80) {
      const index = reader.integer(7)
      const status = statuses[index - firstStatus]
      if (index === 0 || index > staticEntries) throw new TypeError('a field refers to a dynamic table')
      if (status !== undefined) found.set(':status', String(status))
    } else if (first >= 0x40) readLiteral(reader, 6, found)
    else if (first >= 0x20)
      reader.integer(5) // the size of the table, which is ours to say
    else readLiteral(reader, 4, found)
  }
  const status = found.get(':status')
  return {
    httpStatus: status === undefined ? undefined : Number(status),
    grpcStatus: found.get('grpc-status'),
    grpcMessage: found.get('grpc-message'),
  }
}

function readLiteral(reader: BlockReader, prefixBits: number, found: Map<string, string>): void {
  const index = reader.integer(prefixBits)
  if (index > staticEntries) throw new TypeError('a name refers to a dynamic table')
  const isStatus = index >= firstStatus && index < firstStatus + statuses.length
  const name = index === 0 ? reader.text() : isStatus ? ':status' : ''
  const value = reader.text()
  if (name !== '') found.set(name, value)
}

class BlockReader {
  readonly #block: Buffer
  #at = 0

  constructor(block: Buffer) {
    this.#block = block
  }

  more(): boolean {
    return this.#at < this.#block.length
  }

  peek(): number {
    return this.#block.readUInt8(this.#at)
  }

  /** An integer whose first bits share a byte with something else. Source: RFC 7541, 5.1. */
  integer(prefixBits: number): number {
    const most = (1 << prefixBits) - 1
    let value = this.#byte() & most
    if (value < most) return value
    for (let shift = 0; ; shift += 7) {
      const byte = this.#byte()
      value += (byte & 127) * 2 ** shift
      if (byte < 128) return value
      if (shift > 21) throw new TypeError('an integer is too large')
    }
  }

  /** Source: RFC 7541, 5.2. */
  text(): string {
    const isHuffman = this.peek() >= 128
    const length = this.integer(7)
    if (this.#at + length > this.#block.length) throw new TypeError('a text ends too soon')
    const bytes = this.#block.subarray(this.#at, this.#at + length)
    this.#at += length
    return isHuffman ? huffmanText(bytes) : bytes.toString('latin1')
  }

  #byte(): number {
    if (this.#at >= this.#block.length) throw new TypeError('a block ends too soon')
    return this.#block.readUInt8(this.#at++)
  }
}

/** Writes fields as literals that are kept in no table, their texts as they are; each text is shorter than 127 bytes. */
export function literalFields(fields: readonly (readonly [name: string, value: string])[]): Buffer {
  const parts = fields.flatMap(([name, value]) => {
    if (name.length >= 127 || value.length >= 127) throw new RangeError(`the header ${name} is too long`)
    return [
      Buffer.from([0, name.length]),
      Buffer.from(name, 'latin1'),
      Buffer.from([value.length]),
      Buffer.from(value, 'latin1'),
    ]
  })
  return Buffer.concat(parts)
}

/** The fields of the static table that calls have, and the names in it that they have. Source: RFC 7541, appendix A. */
const staticFields: ReadonlyMap<string, number> = new Map([
  [':method POST', 3],
  [':scheme http', 6],
])
const staticNames: ReadonlyMap<string, number> = new Map([
  [':authority', 1],
  [':path', 4],
  ['content-type', 31],
])
/** Most bytes of fields, as the standard counts them, that a server keeps unless it says otherwise. Source: RFC 7541, 4.1 and RFC 9113, 6.5.2. */
export const standardTableSize = 4_096
const fieldOverhead = 32
/** Fields whose numbers in the table still fit into one byte. Source: RFC 7541, 5.1. */
const maxKeptFields = 126 - staticEntries
/** Says that the table is of size 0, which a server with a smaller one waits for. Source: RFC 7541, 4.2 and 6.3. */
const tableOfNothing = 0x20

/** The same fields for each call of a connection, as proxies and gRPC's clients send them. */
export interface RequestBlocks {
  /** Of the first call: the server puts into its table what the static one has not. */
  readonly first: Buffer
  /** Of all later ones: a number for each field. */
  readonly later: Buffer
  /** For a server that keeps a smaller table than the standard's: literals. */
  readonly literal: Buffer
}

/** @throws {RangeError} for fields that are longer than literals may be, or more than a table takes */
export function requestBlocks(fields: readonly (readonly [name: string, value: string])[]): RequestBlocks {
  const kept = fields.filter(([name, value]) => !staticFields.has(`${name} ${value}`))
  const size = kept.reduce((sum, [name, value]) => sum + name.length + value.length + fieldOverhead, 0)
  if (size > standardTableSize)
    throw new RangeError(`${size} bytes of headers; a table takes ${standardTableSize}`)
  if (kept.length > maxKeptFields)
    throw new RangeError(`${kept.length} headers; ${maxKeptFields} can be sent by number`)
  const first: Buffer[] = []
  const later: number[] = []
  let added = 0
  for (const [name, value] of fields) {
    const known = staticFields.get(`${name} ${value}`)
    if (known !== undefined) {
      first.push(Buffer.from([0x80 | known]))
      later.push(0x80 | known)
      continue
    }
    const nameIndex = staticNames.get(name) ?? 0
    const literal = literalFields([[name, value]])
    // The name by its number, or, behind the 0 of a new name, as it stands in the literal.
    const rest = nameIndex === 0 ? literal.subarray(1) : literal.subarray(2 + name.length)
    first.push(Buffer.from([0x40 | nameIndex]), rest)
    // The newest entry has the number behind the static table's last.
    later.push(0x80 | (staticEntries + kept.length - added++))
  }
  const literal = Buffer.concat([Buffer.from([tableOfNothing]), literalFields(fields)])
  return { first: Buffer.concat(first), later: Buffer.from(later), literal }
}
