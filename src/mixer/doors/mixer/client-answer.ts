import { bytesType, varintType, WireReader } from '../wire/reader.js'
import { globalWords } from './dictionary.js'

/** `istio.mixer.v1.CheckResponse`, as a client sees it. */
export interface ClientAnswer {
  /** undefined: the answer has no `precondition`, which a proxy takes for a denial. */
  readonly precondition: Precondition | undefined
  readonly quotas: ReadonlyMap<string, QuotaResult>
}

export interface Precondition {
  readonly code: number
  readonly message: string
  /** undefined: not there, so that the verdict never expires. */
  readonly validForMs: number | undefined
  /** -1: without limit; 0: not reusable. */
  readonly validUses: number
  readonly references: readonly AttributeReference[]
  readonly directive: Directive | undefined
}

export interface QuotaResult {
  readonly code: number
  readonly message: string
  readonly amount: bigint
  readonly validForMs: number | undefined
  readonly references: readonly AttributeReference[]
}

export interface AttributeReference {
  /** undefined: the index is in neither dictionary. */
  readonly name: string | undefined
  /** undefined: no key (or key 0, which says the same). */
  readonly mapKey: string | undefined
  readonly condition: 'ABSENCE' | 'EXACT' | 'REGEX' | 'UNSPECIFIED'
}

export interface Directive {
  readonly request: readonly ClientHeaderOperation[]
  readonly response: readonly ClientHeaderOperation[]
  readonly directStatus: number
  readonly directBody: string
}

export interface ClientHeaderOperation {
  readonly operation: 'replace' | 'remove' | 'append'
  readonly name: string
  readonly value: string
}

/**
 * Decodes a CheckResponse.
 * @throws {TypeError} when the bytes are no such message.
 */
export function decodeCheckResponse(message: Uint8Array): ClientAnswer {
  const reader = new WireReader(Buffer.from(message.buffer, message.byteOffset, message.length))
  let precondition: Precondition | undefined
  const quotas = new Map<string, QuotaResult>()
  eachField(reader, field => {
    if (field === 2) precondition = readPrecondition(reader)
    else if (field === 3) {
      const [name, result] = readQuota(reader)
      quotas.set(name, result)
    } else return false
    return true
  })
  if (reader.problem !== undefined) throw new TypeError(`Cannot decode a CheckResponse: ${reader.problem}`)
  return { precondition, quotas }
}

/** Reads fields up to the reader's end. Messages are entered for `read`, which answers whether it knew the field. */
function eachField(reader: WireReader, read: (field: number) => boolean): void {
  while (reader.more()) {
    const tag = reader.tag()
    const start = reader.pos
    if ((tag & 7) === bytesType) {
      const outer = reader.enter()
      if (!read(tag >>> 3)) reader.pos = reader.end
      reader.leave(outer)
    } else if ((tag & 7) !== varintType || !read(tag >>> 3)) {
      reader.pos = start
      reader.skip(tag)
    }
  }
}

/** The rest of the entered field as text. */
function text(reader: WireReader): string {
  const value = reader.bytes.toString('utf8', reader.pos, reader.end)
  reader.pos = reader.end
  return value
}

function readPrecondition(reader: WireReader): Precondition {
  let status = { code: 0, message: '' }
  let validForMs: number | undefined
  let validUses = 0
  let references: readonly AttributeReference[] = []
  let directive: Directive | undefined
  eachField(reader, field => {
    if (field === 1) status = readStatus(reader)
    else if (field === 2) validForMs = readMs(reader)
    else if (field === 3) validUses = Number(reader.int64())
    else if (field === 5) references = readReferences(reader)
    else if (field === 6) directive = readDirective(reader)
    else return false
    return true
  })
  return { ...status, validForMs, validUses, references, directive }
}

function readQuota(reader: WireReader): [string, QuotaResult] {
  let name = ''
  let status = { code: 0, message: '' }
  let validForMs: number | undefined
  let amount = 0n
  let references: readonly AttributeReference[] = []
  eachField(reader, field => {
    if (field === 1) name = text(reader)
    else if (field !== 2) return false
    else
      eachField(reader, inner => {
        if (inner === 1) validForMs = readMs(reader)
        else if (inner === 2) amount = BigInt(reader.int64())
        else if (inner === 5) references = readReferences(reader)
        else if (inner === 6) status = readStatus(reader)
        else return false
        return true
      })
    return true
  })
  return [name, { ...status, validForMs, amount, references }]
}

function readStatus(reader: WireReader): { code: number; message: string } {
  let code = 0
  let message = ''
  eachField(reader, field => {
    if (field === 1) code = Number(reader.int64())
    else if (field === 2) message = text(reader)
    else return false
    return true
  })
  return { code, message }
}

function readMs(reader: WireReader): number {
  let seconds = 0
  let nanos = 0
  eachField(reader, field => {
    if (field === 1) seconds = Number(reader.int64())
    else if (field === 2) nanos = Number(reader.int64())
    else return false
    return true
  })
  return seconds * 1_000 + nanos / 1_000_000
}

const conditions = ['UNSPECIFIED', 'ABSENCE', 'EXACT', 'REGEX'] as const

function readReferences(reader: WireReader): AttributeReference[] {
  const words: string[] = []
  const found: { name: number; key: number; condition: number }[] = []
  eachField(reader, field => {
    if (field === 1) words.push(text(reader))
    else if (field === 2) {
      const match = { name: 0, key: 0, condition: 0 }
      eachField(reader, inner => {
        if (inner === 1) match.name = reader.sint32()
        else if (inner === 2) match.condition = reader.varint32()
        else if (inner === 4) match.key = reader.sint32()
        else return false
        return true
      })
      found.push(match)
    } else return false
    return true
  })
  const word = (index: number) => (index >= 0 ? globalWords[index] : words[-index - 1])
  return found.map(({ name, key, condition }) => ({
    name: word(name),
    mapKey: key === 0 ? undefined : word(key),
    condition: conditions[condition] ?? 'UNSPECIFIED',
  }))
}

function readDirective(reader: WireReader): Directive {
  const request: ClientHeaderOperation[] = []
  const response: ClientHeaderOperation[] = []
  let directStatus = 0
  let directBody = ''
  eachField(reader, field => {
    if (field === 1) request.push(readOperation(reader))
    else if (field === 2) response.push(readOperation(reader))
    else if (field === 3) directStatus = reader.varint32()
    else if (field === 4) directBody = text(reader)
    else return false
    return true
  })
  return { request, response, directStatus, directBody }
}

const operations = ['replace', 'remove', 'append'] as const

function readOperation(reader: WireReader): ClientHeaderOperation {
  let name = ''
  let value = ''
  let operation = 0
  eachField(reader, field => {
    if (field === 1) name = text(reader)
    else if (field === 2) value = text(reader)
    else if (field === 3) operation = reader.varint32()
    else return false
    return true
  })
  return { operation: operations[operation] ?? 'replace', name, value }
}
