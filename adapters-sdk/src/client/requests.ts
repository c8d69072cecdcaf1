import { Buffer } from 'node:buffer'
import { WireWriter } from '../templates/wire/writer.js'
import type { AttributeValues } from '../values.js'
import { ClientWords, lengthKey, varintKey, writeAttributes, writeWords } from './attribute-codec.js'
import { globalWords } from './dictionary.js'

/** A quota that a check asks for. */
export interface ClientQuota {
  readonly name: string
  /** Signed 64 bits. */
  readonly amount: bigint
  /** true: a part of the amount is welcome, too. */
  readonly bestEffort: boolean
}

/** `istio.mixer.v1.CheckRequest`, as the proxy's side writes it. */
export interface ClientCheck {
  readonly attributes: AttributeValues
  /** How many global words may be used, 0 to 222. With 0 every word goes as text, as `mixc` does. Default: 222. */
  readonly globalWordCount?: number
  /** Default: none. */
  readonly deduplicationId?: string
  /** Names must differ. Default: none. */
  readonly quotas?: readonly ClientQuota[]
}

/** `istio.mixer.v1.ReportRequest`, as the proxy's side writes it. */
export interface ClientReport {
  readonly sets: readonly AttributeValues[]
  /** Default: 222. */
  readonly globalWordCount?: number
  /** Default: `independent`, as proxies send it. With `delta` each set holds only what changes. */
  readonly encoding?: 'delta' | 'independent'
  /** Where the words stand: once for the report (as proxies do, default) or in each set. */
  readonly words?: 'shared' | 'own'
}

/** Used again for every message, because a new buffer costs more than most messages. Encoding never waits. */
const writer = new WireWriter()
const maps = new WireWriter()

/**
 * Encodes `istio.mixer.v1.CheckRequest`.
 * @throws {AdapterError} `ADAPTER_LIMIT` above 4 MiB.
 */
export function encodeCheckRequest(check: ClientCheck): Buffer {
  const { attributes, globalWordCount = globalWords.length, deduplicationId = '', quotas = [] } = check
  const words = new ClientWords(globalWordCount)
  maps.restart()
  writeAttributes(maps, attributes, words)
  writer.restart()
  writer.uint32(lengthKey(1))
  const start = writer.begin()
  writeWords(writer, 1, words)
  writer.raw(maps.finish())
  writer.end(start)
  writer.uint32(varintKey(2))
  writer.uint32(globalWordCount)
  if (deduplicationId !== '') {
    writer.uint32(lengthKey(3))
    writer.string(deduplicationId)
  }
  for (const quota of quotas) writeQuota(quota)
  return asBuffer(writer.finish())
}

function writeQuota({ name, amount, bestEffort }: ClientQuota): void {
  writer.uint32(lengthKey(4))
  const entry = writer.begin()
  writer.uint32(lengthKey(1))
  writer.string(name)
  writer.uint32(lengthKey(2))
  const params = writer.begin()
  writer.uint32(varintKey(1))
  writer.int64(amount)
  if (bestEffort) {
    writer.uint32(varintKey(2))
    writer.bool(true)
  }
  writer.end(params)
  writer.end(entry)
}

/**
 * Encodes `istio.mixer.v1.ReportRequest`.
 * @throws {AdapterError} `ADAPTER_LIMIT` above 4 MiB.
 */
export function encodeReportRequest(report: ClientReport): Buffer {
  const { sets, globalWordCount = globalWords.length, encoding = 'independent', words = 'shared' } = report
  const shared = new ClientWords(globalWordCount)
  writer.restart()
  for (const set of sets) {
    const own = words === 'own' ? new ClientWords(globalWordCount) : shared
    maps.restart()
    writeAttributes(maps, set, own)
    writer.uint32(lengthKey(1))
    const start = writer.begin()
    if (words === 'own') writeWords(writer, 1, own)
    writer.raw(maps.finish())
    writer.end(start)
  }
  writeWords(writer, 2, shared)
  writer.uint32(varintKey(3))
  writer.uint32(globalWordCount)
  if (encoding === 'independent') {
    writer.uint32(varintKey(4))
    writer.uint32(1)
  }
  return asBuffer(writer.finish())
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}
