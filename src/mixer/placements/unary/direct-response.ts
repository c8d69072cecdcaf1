import type { DirectResponse } from '@outboard/adapters-sdk'
import { failure } from '../failure.js'
import { ProtoReader } from './proto-reader.js'

/** How large the parts of an answer may be; more is `ADAPTER_LIMIT`, so that no proxy is handed a monster. */
export interface AnswerLimits {
  /** Headers of a direct response. */
  readonly headerOperations: number
  /** Bytes of a header's name and value together. */
  readonly headerBytes: number
  /** Bytes of a direct response's body. */
  readonly bodyBytes: number
  /** Bytes of a status message; what is more is cut off. */
  readonly messageBytes: number
  /** Bytes of an output message. */
  readonly outputBytes: number
}

/**
 * `istio.policy.v1beta1.DirectHttpResponse`. Header names become lower case. `Set-Cookie` stands once for each cookie:
 * a map has only one entry for all of them, which adapters join with commas.
 * Source: reference wire-mixer-v1, section 8 (upstream cuts at every comma, and so breaks `Expires`).
 */
export function boundedDirect(bytes: Uint8Array, limits: AnswerLimits): DirectResponse {
  const reader = new ProtoReader(bytes)
  let httpStatus = 0
  let body = ''
  const headers: [string, string][] = []
  while (reader.next()) {
    if (reader.field === 1) httpStatus = reader.int32()
    else if (reader.field === 2) body = bounded('body', reader.bytes(), limits.bodyBytes)
    else if (reader.field === 3) addHeader(headers, reader.bytes(), limits)
    else reader.skip()
  }
  return { httpStatus: httpStatus >= 100 && httpStatus <= 599 ? httpStatus : 0, body, headers }
}

function addHeader(headers: [string, string][], entry: Uint8Array, limits: AnswerLimits): void {
  if (entry.length > limits.headerBytes) throw beyond('a header', entry.length, limits.headerBytes)
  const reader = new ProtoReader(entry)
  let name = ''
  let value = ''
  while (reader.next()) {
    if (reader.field === 1) name = reader.string().toLowerCase()
    else if (reader.field === 2) value = reader.string()
    else reader.skip()
  }
  for (const one of name === 'set-cookie' ? cookiesIn(value) : [value]) headers.push([name, one])
  if (headers.length > limits.headerOperations)
    throw beyond('headers', headers.length, limits.headerOperations)
}

/** Cuts before `name=`, which no date contains. */
function cookiesIn(value: string): string[] {
  return value.split(/,\s*(?=[\w!#$%&'*+.^`|~-]+=)/)
}

function bounded(what: string, bytes: Buffer, limit: number): string {
  if (bytes.length > limit) throw beyond(what, bytes.length, limit)
  return bytes.toString('utf8')
}

function beyond(what: string, found: number, limit: number) {
  return failure(
    'ADAPTER_LIMIT',
    `The adapter's direct response is too large: ${what} ${found}, at most ${limit}`,
  )
}
