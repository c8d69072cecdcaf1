import type { QuotaRequest } from '@outboard/adapters-sdk'

// The messages `Handle<Template>Request`, written by hand: their shape is the same for every template, and the bytes of
// the instances are there already. Source: reference wire-adapter-model, section 4.

const empty = Buffer.alloc(0)

/** Field 2, `adapter_config`, key and length included: built once a handler, sent with every call. */
export function adapterConfigField(
  settingsAny: { readonly typeUrl: string; readonly value: Uint8Array } | undefined,
): Buffer {
  if (settingsAny === undefined) return empty
  // The value is written even when it is empty: upstream sends the Any for a handler without params.
  const any = Buffer.concat([
    lengthDelimited(1, Buffer.from(settingsAny.typeUrl)),
    lengthDelimited(2, settingsAny.value),
  ])
  return lengthDelimited(2, any)
}

/** A whole request: instances (1), adapter_config (2), dedup_id (3), quota_request (4). */
export function encodeRequest(
  instances: readonly Uint8Array[],
  adapterConfig: Buffer,
  dedupId: string,
  quotaRequest: Buffer,
): Buffer {
  const dedupBytes = Buffer.byteLength(dedupId)
  let size = adapterConfig.length + quotaRequest.length
  for (const instance of instances) size += 1 + varintBytes(instance.length) + instance.length
  if (dedupBytes > 0) size += 1 + varintBytes(dedupBytes) + dedupBytes
  const request = Buffer.allocUnsafe(size)
  let at = 0
  for (const instance of instances) {
    request[at] = 0x0a
    at = writeVarint(request, at + 1, instance.length)
    request.set(instance, at)
    at += instance.length
  }
  request.set(adapterConfig, at)
  at += adapterConfig.length
  if (dedupBytes > 0) {
    request[at] = 0x1a
    at = writeVarint(request, at + 1, dedupBytes)
    at += request.write(dedupId, at)
  }
  request.set(quotaRequest, at)
  return request
}

/** No quota is asked for. */
export const noQuotaRequest = empty

/** Field 4, `quota_request`: a map with one entry, its key the instance's name. */
export function quotaRequestField(instanceName: string, request: QuotaRequest): Buffer {
  const params: Buffer[] = []
  if (request.amount !== 0n) params.push(Buffer.from([0x08]), varint64(request.amount))
  if (request.bestEffort) params.push(Buffer.from([0x10, 1]))
  const entry = Buffer.concat([
    lengthDelimited(1, Buffer.from(instanceName)),
    lengthDelimited(2, Buffer.concat(params)),
  ])
  return lengthDelimited(4, lengthDelimited(1, entry))
}

function lengthDelimited(field: number, content: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(1 + varintBytes(content.length) + content.length)
  out[0] = (field << 3) | 2
  out.set(content, writeVarint(out, 1, content.length))
  return out
}

function varintBytes(value: number): number {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  if (value < 0x200000) return 3
  return value < 0x10000000 ? 4 : 5
}

function writeVarint(out: Buffer, at: number, value: number): number {
  let position = at
  let rest = value
  while (rest > 127) {
    out[position++] = (rest & 127) | 128
    rest >>>= 7
  }
  out[position] = rest
  return position + 1
}

function varint64(value: bigint): Buffer {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, value)
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return Buffer.from(bytes)
}
