import { WireReader, wireType } from '../templates/wire/reader.js'
import type {
  AttributeReference,
  ClientAnswer,
  ClientHeaderOperation,
  Directive,
  Precondition,
  QuotaResult,
} from './answer.js'
import { globalWords } from './dictionary.js'

/**
 * Decodes `istio.mixer.v1.CheckResponse`. Fields of a wire type that does not belong to them are passed over.
 * `globalWordCount`: global words that the request said are known; a larger number in the answer has no word.
 * @throws {AdapterError} `ADAPTER_PROTOCOL` when the bytes are no such message.
 */
export function decodeCheckResponse(message: Uint8Array, globalWordCount = globalWords.length): ClientAnswer {
  const reader = new WireReader(message)
  let precondition: Precondition | undefined
  const quotas = new Map<string, QuotaResult>()
  eachField(reader, (field, wire) => {
    if (wire !== wireType.length) return false
    if (field === 2) precondition = inside(reader, () => readPrecondition(reader, globalWordCount))
    else if (field === 3) {
      const [name, result] = inside(reader, () => readQuota(reader, globalWordCount))
      quotas.set(name, result)
    } else return false
    return true
  })
  return { precondition, quotas }
}

/** Calls `read` for each field up to the reader's end; it answers whether it has read it. */
function eachField(reader: WireReader, read: (field: number, wire: number) => boolean): void {
  while (reader.more()) {
    const key = reader.key()
    if (!read(key >>> 3, key & 7)) reader.skip(key)
  }
}

/** Reads a nested message. */
function inside<T>(reader: WireReader, read: () => T): T {
  const outer = reader.enter()
  const value = read()
  reader.leave(outer)
  return value
}

function readPrecondition(reader: WireReader, globalWordCount: number): Precondition {
  let status = { code: 0, message: '' }
  let validForMs: number | undefined
  let validUses = 0
  let references: readonly AttributeReference[] = []
  let directive: Directive | undefined
  eachField(reader, (field, wire) => {
    if (field === 3 && wire === wireType.varint) validUses = reader.int32()
    else if (wire !== wireType.length) return false
    else if (field === 1) status = inside(reader, () => readStatus(reader))
    else if (field === 2) validForMs = inside(reader, () => readMs(reader))
    else if (field === 5) references = inside(reader, () => readReferences(reader, globalWordCount))
    else if (field === 6) directive = inside(reader, () => readDirective(reader))
    else return false
    return true
  })
  return { ...status, validForMs, validUses, references, directive }
}

/** An entry of the map of quotas. */
function readQuota(reader: WireReader, globalWordCount: number): [string, QuotaResult] {
  let name = ''
  let result: QuotaResult = { code: 0, message: '', validForMs: undefined, amount: 0n, references: [] }
  eachField(reader, (field, wire) => {
    if (wire !== wireType.length) return false
    if (field === 1) name = reader.string()
    else if (field === 2) result = inside(reader, () => readQuotaResult(reader, globalWordCount))
    else return false
    return true
  })
  return [name, result]
}

function readQuotaResult(reader: WireReader, globalWordCount: number): QuotaResult {
  let status = { code: 0, message: '' }
  let validForMs: number | undefined
  let amount = 0n
  let references: readonly AttributeReference[] = []
  eachField(reader, (field, wire) => {
    if (field === 2 && wire === wireType.varint) amount = reader.int64()
    else if (wire !== wireType.length) return false
    else if (field === 1) validForMs = inside(reader, () => readMs(reader))
    else if (field === 5) references = inside(reader, () => readReferences(reader, globalWordCount))
    else if (field === 6) status = inside(reader, () => readStatus(reader))
    else return false
    return true
  })
  return { ...status, validForMs, amount, references }
}

function readStatus(reader: WireReader): { code: number; message: string } {
  let code = 0
  let message = ''
  eachField(reader, (field, wire) => {
    if (field === 1 && wire === wireType.varint) code = reader.int32()
    else if (field === 2 && wire === wireType.length) message = reader.string()
    else return false
    return true
  })
  return { code, message }
}

function readMs(reader: WireReader): number {
  let seconds = 0
  let nanos = 0
  eachField(reader, (field, wire) => {
    if (wire !== wireType.varint) return false
    if (field === 1) seconds = Number(reader.int64())
    else if (field === 2) nanos = reader.int32()
    else return false
    return true
  })
  return seconds * 1_000 + nanos / 1_000_000
}

const conditions = ['UNSPECIFIED', 'ABSENCE', 'EXACT', 'REGEX'] as const

function readReferences(reader: WireReader, globalWordCount: number): AttributeReference[] {
  const words: string[] = []
  const found: { name: number; key: number; condition: number }[] = []
  eachField(reader, (field, wire) => {
    if (wire !== wireType.length) return false
    if (field === 1) words.push(reader.string())
    else if (field === 2) found.push(inside(reader, () => readMatch(reader)))
    else return false
    return true
  })
  const word = (index: number): string | undefined => {
    if (index < 0) return words[-index - 1]
    return index < globalWordCount ? globalWords[index] : undefined
  }
  return found.map(({ name, key, condition }) => {
    const mapKey = key === 0 ? undefined : word(key)
    const known = key === 0 || mapKey !== undefined
    return { name: known ? word(name) : undefined, mapKey, condition: conditions[condition] ?? 'UNSPECIFIED' }
  })
}

function readMatch(reader: WireReader): { name: number; key: number; condition: number } {
  const match = { name: 0, key: 0, condition: 0 }
  eachField(reader, (field, wire) => {
    if (wire !== wireType.varint) return false
    if (field === 1) match.name = reader.sint32()
    else if (field === 2) match.condition = reader.uint32()
    else if (field === 4) match.key = reader.sint32()
    else return false
    return true
  })
  return match
}

function readDirective(reader: WireReader): Directive {
  const request: ClientHeaderOperation[] = []
  const response: ClientHeaderOperation[] = []
  let directStatus = 0
  let directBody = ''
  eachField(reader, (field, wire) => {
    if (field === 3 && wire === wireType.varint) directStatus = reader.uint32()
    else if (wire !== wireType.length) return false
    else if (field === 1) request.push(inside(reader, () => readOperation(reader)))
    else if (field === 2) response.push(inside(reader, () => readOperation(reader)))
    else if (field === 4) directBody = reader.string()
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
  eachField(reader, (field, wire) => {
    if (field === 3 && wire === wireType.varint) operation = reader.uint32()
    else if (wire !== wireType.length) return false
    else if (field === 1) name = reader.string()
    else if (field === 2) value = reader.string()
    else return false
    return true
  })
  return { operation: operations[operation] ?? 'replace', name, value }
}
