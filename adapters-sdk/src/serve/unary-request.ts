import type { QuotaRequest } from '../grant.js'
import { FrameReader } from '../protocol/reader.js'

/** `Handle…Request` as read. Source: reference wire-adapter-model, section 4. */
export interface UnaryRequest {
  /** `InstanceMsg` bytes; several for reports. */
  readonly instances: readonly Uint8Array[]
  /** `adapter_config`; undefined: not sent. */
  readonly config: { readonly typeUrl: string; readonly value: Uint8Array } | undefined
  readonly dedupId: string
  /** By instance name. */
  readonly quotas: ReadonlyMap<string, QuotaRequest>
}

/** Instances in one report request, and quotas in one quota request. */
const maxInstances = 65_536
const maxQuotas = 64

/** @throws {ProtocolError} `PROTOCOL_MALFORMED` */
export function readUnaryRequest(bytes: Uint8Array): UnaryRequest {
  const reader = new FrameReader(bytes)
  const instances: Uint8Array[] = []
  const quotas = new Map<string, QuotaRequest>()
  let config: UnaryRequest['config']
  let dedupId = ''
  while (reader.at < reader.length) {
    const key = reader.key()
    if (key === 10) {
      instances.push(reader.bytes())
      if (instances.length > maxInstances) throw reader.malformed(`more than ${maxInstances} instances`)
    } else if (key === 18) config = readAny(reader)
    else if (key === 26) dedupId = reader.string()
    else if (key === 34) readQuotas(reader, quotas)
    else reader.skip(key)
  }
  return { instances, config, dedupId, quotas }
}

function readAny(reader: FrameReader): { typeUrl: string; value: Uint8Array } {
  let typeUrl = ''
  let value: Uint8Array = new Uint8Array(0)
  const end = reader.enter()
  while (reader.at < end) {
    const key = reader.key()
    if (key === 10) typeUrl = reader.string()
    else if (key === 18) value = reader.bytes()
    else reader.skip(key)
  }
  reader.leave(end)
  return { typeUrl, value }
}

function readQuotas(reader: FrameReader, into: Map<string, QuotaRequest>): void {
  const end = reader.enter()
  while (reader.at < end) {
    const key = reader.key()
    if (key !== 10) {
      reader.skip(key)
      continue
    }
    const entryEnd = reader.enter()
    let name = ''
    let params: QuotaRequest = { amount: 0n, bestEffort: false }
    while (reader.at < entryEnd) {
      const entryKey = reader.key()
      if (entryKey === 10) name = reader.string()
      else if (entryKey === 18) params = readParams(reader)
      else reader.skip(entryKey)
    }
    reader.leave(entryEnd)
    into.set(name, params)
    if (into.size > maxQuotas) throw reader.malformed(`more than ${maxQuotas} quotas`)
  }
  reader.leave(end)
}

function readParams(reader: FrameReader): QuotaRequest {
  let amount = 0n
  let bestEffort = false
  const end = reader.enter()
  while (reader.at < end) {
    const key = reader.key()
    if (key === 8) amount = reader.int64()
    else if (key === 16) bestEffort = reader.bool()
    else reader.skip(key)
  }
  reader.leave(end)
  return { amount, bestEffort }
}
