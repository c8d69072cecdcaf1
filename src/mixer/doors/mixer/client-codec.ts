import type { AttributeValues, Value } from '@outboard/adapters-sdk'
import { WireWriter } from '../wire/writer.js'
import { globalIndex, globalWords } from './dictionary.js'

/**
 * The proxy's side of the Mixer protocol: for `outboard check` and `outboard report`, the benchmark and tests. Plain,
 * not fast. Answers are read by `decodeCheckResponse` in client-answer.ts.
 */
export interface ClientCheck {
  readonly attributes: AttributeValues
  /** How many global words may be used, 0 to 222. With 0 every word goes as text, as `mixc` does. Default: 222. */
  readonly globalWordCount?: number
  /** Default: none. */
  readonly deduplicationId?: string
  /** Default: none. */
  readonly quotas?: readonly {
    readonly name: string
    readonly amount: bigint
    readonly bestEffort: boolean
  }[]
}

export interface ClientReport {
  readonly sets: readonly AttributeValues[]
  /** Default: 222. */
  readonly globalWordCount?: number
  /** Default: `independent`, as proxies send it. With `delta` each set holds only what changes. */
  readonly encoding?: 'delta' | 'independent'
  /** Where the words stand: once for the report (as proxies do, default) or in each set. */
  readonly words?: 'shared' | 'own'
}

/** Numbers for words: global ones below a bound, then message words in order of first use. */
export class ClientWords {
  readonly list: string[] = []
  readonly #indices = new Map<string, number>()

  constructor(readonly globalWordCount: number) {}

  index(word: string): number {
    const global = globalIndex(word)
    if (global !== undefined && global < this.globalWordCount) return global
    const known = this.#indices.get(word)
    if (known !== undefined) return known
    this.list.push(word)
    this.#indices.set(word, -this.list.length)
    return -this.list.length
  }
}

/** Encodes `istio.mixer.v1.CheckRequest`. */
export function encodeCheckRequest(check: ClientCheck): Buffer {
  const { attributes, globalWordCount = globalWords.length, deduplicationId = '', quotas = [] } = check
  const writer = new WireWriter()
  for (const { name, amount, bestEffort } of [...quotas].reverse()) {
    const entry = writer.mark()
    const params = writer.mark()
    if (bestEffort) writer.uint32(2, 1)
    writer.int64(1, amount)
    writer.nested(2, params)
    writer.string(1, name)
    writer.nested(4, entry)
  }
  if (deduplicationId !== '') writer.string(3, deduplicationId)
  writer.uint32(2, globalWordCount)
  const mark = writer.mark()
  const words = new ClientWords(globalWordCount)
  writeAttributes(writer, attributes, words)
  writeWords(writer, 1, words)
  writer.nested(1, mark)
  return writer.finish()
}

/** Encodes `istio.mixer.v1.ReportRequest`. */
export function encodeReportRequest(report: ClientReport): Buffer {
  const { sets, globalWordCount = globalWords.length, encoding = 'independent', words = 'shared' } = report
  const writer = new WireWriter()
  const shared = new ClientWords(globalWordCount)
  const encodedSets = sets.map(set => {
    const own = words === 'own' ? new ClientWords(globalWordCount) : shared
    writeAttributes(writer, set, own)
    if (words === 'own') writeWords(writer, 1, own)
    return writer.finish()
  })
  if (encoding === 'independent') writer.uint32(4, 1)
  writer.uint32(3, globalWordCount)
  writeWords(writer, 2, shared)
  for (const set of encodedSets.reverse()) writer.bytes(1, set)
  return writer.finish()
}

function writeWords(writer: WireWriter, field: number, words: ClientWords): void {
  for (const word of [...words.list].reverse()) writer.string(field, word)
}

/** The field number of each type's map. Source: reference wire-mixer-v1, section 3. */
const fieldOfType: Readonly<Record<Value['type'], number>> = {
  STRING: 2,
  EMAIL_ADDRESS: 2,
  URI: 2,
  DNS_NAME: 2,
  INT64: 3,
  DOUBLE: 4,
  BOOL: 5,
  TIMESTAMP: 6,
  DURATION: 7,
  IP_ADDRESS: 8,
  STRING_MAP: 9,
}

/** Writes the typed maps of `CompressedAttributes`; the words that they use are added to `words`. */
function writeAttributes(writer: WireWriter, attributes: AttributeValues, words: ClientWords): void {
  const sorted = Object.entries(attributes).sort(([, a], [, b]) => fieldOfType[b.type] - fieldOfType[a.type])
  for (const [name, value] of sorted) {
    const entry = writer.mark()
    writeValue(writer, value, words)
    writer.sint32(1, words.index(name))
    writer.nested(fieldOfType[value.type], entry)
  }
}

const nanosPerSecond = 1_000_000_000n

/** Writes the value (field 2) of an entry of a typed map. */
function writeValue(writer: WireWriter, attribute: Value, words: ClientWords): void {
  switch (attribute.type) {
    case 'STRING':
    case 'EMAIL_ADDRESS':
    case 'URI':
    case 'DNS_NAME':
      writer.sint32(2, words.index(attribute.value))
      return
    case 'INT64':
      writer.int64(2, attribute.value)
      return
    case 'DOUBLE':
      writer.double(2, attribute.value)
      return
    case 'BOOL':
      writer.uint32(2, attribute.value ? 1 : 0)
      return
    case 'TIMESTAMP':
      writePair(writer, BigInt(attribute.value.seconds), attribute.value.nanos)
      return
    case 'DURATION':
      writePair(writer, attribute.value / nanosPerSecond, Number(attribute.value % nanosPerSecond))
      return
    case 'IP_ADDRESS':
      writer.bytes(2, attribute.value)
      return
    case 'STRING_MAP': {
      const map = writer.mark()
      for (const [key, value] of Object.entries(attribute.value).reverse()) {
        const pair = writer.mark()
        writer.sint32(2, words.index(value))
        writer.sint32(1, words.index(key))
        writer.nested(1, pair)
      }
      writer.nested(2, map)
    }
  }
}

/** A Timestamp or a Duration. */
function writePair(writer: WireWriter, seconds: bigint, nanos: number): void {
  const mark = writer.mark()
  if (nanos !== 0) writer.int64(2, nanos)
  if (seconds !== 0n) writer.int64(1, seconds)
  writer.nested(2, mark)
}
