import { type Caching, Code, type DirectResponse, type Grant, type Verdict } from '@outboard/adapters-sdk'
import { failure } from '../failure.js'
import { type AnswerLimits, boundedDirect } from './direct-response.js'
import { ProtoReader } from './proto-reader.js'

// `CheckResult` and `QuotaResult`. Source: reference wire-adapter-model, section 2.

const directResponseType = /(^|\/)istio\.policy\.v1beta1\.DirectHttpResponse$/

interface RpcStatus {
  readonly code: number
  readonly message: string
  readonly direct: DirectResponse | undefined
}

const okStatus: RpcStatus = { code: Code.OK, message: '', direct: undefined }
const noBytes = new Uint8Array()

/** A verdict and the `OutputMsg` bytes that came with it. */
export interface CheckAnswer {
  readonly verdict: Exclude<Verdict, { kind: 'failed' }>
  readonly output: Uint8Array
}

/** @throws {AdapterError} `ADAPTER_PROTOCOL` for what is not a `CheckResult`, `ADAPTER_LIMIT` for too much of one. */
export function decodeCheckResult(bytes: Uint8Array, limits: AnswerLimits): CheckAnswer['verdict'] {
  const reader = new ProtoReader(bytes)
  let status = okStatus
  let forMs = 0
  let uses = 0
  while (reader.next()) {
    if (reader.field === 1) status = decodeStatus(reader.bytes(), limits)
    else if (reader.field === 2) forMs = decodeDurationMs(reader.bytes())
    else if (reader.field === 3) uses = reader.int32()
    else reader.skip()
  }
  const caching = cachingOf(status.code, forMs, uses)
  if (status.code === Code.OK) {
    return { kind: 'allow', caching, headers: [], metadata: {}, output: {}, cacheKeys: [] }
  }
  const { code, message, direct } = status
  return { kind: 'deny', code, message, direct, caching, metadata: {}, cacheKeys: [] }
}

/** `Handle…Response` of a check-with-output template. A missing result is OK, as upstream has it. */
export function decodeCheckWithOutput(bytes: Uint8Array, limits: AnswerLimits): CheckAnswer {
  const reader = new ProtoReader(bytes)
  let result: Uint8Array = noBytes
  let output: Uint8Array = noBytes
  while (reader.next()) {
    if (reader.field === 1) result = reader.bytes()
    else if (reader.field === 2) output = reader.bytes()
    else reader.skip()
  }
  return { verdict: decodeCheckResult(result, limits), output }
}

/** The grant under the instance's name; without that entry the answer is an error, as upstream has it. */
export function decodeQuotaResult(bytes: Uint8Array, instanceName: string, limits: AnswerLimits): Grant {
  const reader = new ProtoReader(bytes)
  while (reader.next()) {
    if (reader.field !== 1) {
      reader.skip()
      continue
    }
    const entry = new ProtoReader(reader.bytes())
    let key = ''
    let result: Uint8Array = noBytes
    while (entry.next()) {
      if (entry.field === 1) key = entry.string()
      else if (entry.field === 2) result = entry.bytes()
      else entry.skip()
    }
    if (key === instanceName) return decodeGrant(result, limits)
  }
  throw failure('ADAPTER_PROTOCOL', `The adapter's quota answer has no entry for instance "${instanceName}"`)
}

/** `QuotaResult.Result`. Its status counts (upstream ignored it), so that an adapter can say why it grants nothing. */
function decodeGrant(bytes: Uint8Array, limits: AnswerLimits): Grant {
  const reader = new ProtoReader(bytes)
  let validForMs = 0
  let amount = 0n
  let status = okStatus
  while (reader.next()) {
    if (reader.field === 2) validForMs = decodeDurationMs(reader.bytes())
    else if (reader.field === 3) amount = reader.int64()
    else if (reader.field === 4) status = decodeStatus(reader.bytes(), limits)
    else reader.skip()
  }
  if (status.code === Code.OK) return { kind: 'granted', amount, validForMs }
  return { kind: 'refused', code: status.code, message: status.message, validForMs }
}

/**
 * Zero duration and zero uses are proto3's "not set": from an allow that is no opinion, from a denial it has always
 * meant that the denial is not to be reused. Uses within no time at all are nobody's: not to be kept. A negative count
 * is "without limit" to the proxies.
 */
function cachingOf(code: number, forMs: number, uses: number): Caching {
  if (forMs === 0 && uses === 0 && code === Code.OK) return { kind: 'no-opinion' }
  if (forMs === 0) return { kind: 'do-not-cache' }
  return { kind: 'valid', forMs, uses: Math.max(-1, uses) }
}

function decodeStatus(bytes: Uint8Array, limits: AnswerLimits): RpcStatus {
  const reader = new ProtoReader(bytes)
  let code = 0
  let message = ''
  let direct: DirectResponse | undefined
  while (reader.next()) {
    if (reader.field === 1) code = reader.int32()
    else if (reader.field === 2) message = reader.bytes().subarray(0, limits.messageBytes).toString('utf8')
    else if (reader.field === 3) direct ??= decodeDetail(reader.bytes(), limits)
    else reader.skip()
  }
  return { code, message, direct }
}

function decodeDetail(bytes: Uint8Array, limits: AnswerLimits): DirectResponse | undefined {
  const reader = new ProtoReader(bytes)
  let typeUrl = ''
  let value: Uint8Array = noBytes
  while (reader.next()) {
    if (reader.field === 1) typeUrl = reader.string()
    else if (reader.field === 2) value = reader.bytes()
    else reader.skip()
  }
  return directResponseType.test(typeUrl) ? boundedDirect(value, limits) : undefined
}

/** Milliseconds of a `google.protobuf.Duration`; a negative one is 0. */
function decodeDurationMs(bytes: Uint8Array): number {
  const reader = new ProtoReader(bytes)
  let seconds = 0n
  let nanos = 0
  while (reader.next()) {
    if (reader.field === 1) seconds = reader.int64()
    else if (reader.field === 2) nanos = reader.int32()
    else reader.skip()
  }
  return Math.max(0, Number(seconds) * 1_000 + nanos / 1_000_000)
}
