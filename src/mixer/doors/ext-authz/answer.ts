import { Code, type Metadata } from '@outboard/adapters-sdk'
import type { StringMap } from '../../attributes/index.js'
import type { Decided, QuotaAnswer, RouteDirective, Undecided } from '../../engine/api.js'
import { denialBody, envoyStatus, httpStatus } from '../envoy/http-status.js'
import { writeStruct } from '../envoy/struct.js'
import { type Answer, Refusal } from '../service.js'
import { WireWriter } from '../wire/writer.js'
import { writeDeniedHeaders, writeRequestHeaders, writeResponseHeaders, writeSetHeaders } from './headers.js'
import type { ResolvedExtAuthz } from './options.js'

const writer = new WireWriter()
const noDirective: RouteDirective = { operations: [], directStatus: 0, directBody: '' }
const statusUnknown = new Refusal(Code.INTERNAL, 'the check ended without a status')

/** Fields of CheckResponse that carry an HTTP answer. */
const deniedResponse = 2
const okResponse = 3
const errorResponse = 5

/**
 * Encodes the answer to Envoy. Source: reference wire-envoy-auth, sections 4 and 7.1.
 *
 * To Envoy an empty CheckResponse is an allow. So an allow is said with a status and an `ok_response`, and only for a
 * code that is the number 0; anything that is no code fails the call.
 */
export function encodeDecision(
  answer: Decided,
  requestHeaders: StringMap | undefined,
  options: ResolvedExtAuthz,
): Answer {
  if (!Number.isInteger(answer.code) || answer.code < 0) return statusUnknown
  const directive = answer.directive ?? noDirective
  if (answer.code !== 0 || directive.directStatus !== 0) return encodeDenial(answer, directive, options)
  const exhausted = answer.quotas.filter(isExhausted)
  if (exhausted.length > 0) return encodeExhausted(answer, exhausted, options)
  const unasked = answer.quotas.find(isUnasked)
  if (unasked !== undefined) {
    const message = `quota "${unasked.name}" could not be asked: ${unasked.message}`
    return encodeUndecided({ kind: 'undecided', reason: 'CHECK_FAILED', message }, options)
  }
  writeMetadata(answer, 0, '', options)
  const ok = writer.mark()
  writeResponseHeaders(writer, 6, directive.operations)
  writeRequestHeaders(writer, directive.operations, requestHeaders)
  writer.nested(okResponse, ok)
  writeStatus(0, '')
  return writer.finish()
}

/** Nothing is granted because nobody could say: Envoy's own fail policy decides, as it does about checks. */
function isUnasked({ code, amount }: QuotaAnswer): boolean {
  return amount <= 0n && (code === Code.INTERNAL || code === Code.UNAVAILABLE)
}

/** Nothing granted is exhaustion, unless nobody could say. */
function isExhausted(quota: QuotaAnswer): boolean {
  return quota.amount <= 0n && !isUnasked(quota)
}

function encodeDenial(answer: Decided, directive: RouteDirective, options: ResolvedExtAuthz): Buffer {
  // A direct answer to an allowed request (a redirect, say) is a denial to Envoy: with code 0 it would be passed on.
  const code = answer.code === 0 ? Code.PERMISSION_DENIED : answer.code
  writeMetadata(answer, code, answer.message, options)
  const mark = writer.mark()
  if (directive.directStatus !== 0) {
    writeResponse(envoyStatus(directive.directStatus), directive.directBody, () =>
      writeDeniedHeaders(writer, 2, directive.operations),
    )
  } else {
    const headers =
      code === Code.UNAUTHENTICATED ? oneHeader('www-authenticate', options.wwwAuthenticate) : []
    writeResponse(httpStatus(code), denialBody(code, answer.message), () =>
      writeSetHeaders(writer, 2, headers),
    )
  }
  writer.nested(deniedResponse, mark)
  writeStatus(code, answer.message)
  return writer.finish()
}

function encodeExhausted(
  answer: Decided,
  exhausted: readonly QuotaAnswer[],
  options: ResolvedExtAuthz,
): Buffer {
  const code = Code.RESOURCE_EXHAUSTED
  const message = `Quota is exhausted for: ${exhausted.map(quota => quota.name).join(', ')}`
  writeMetadata(answer, code, message, options)
  const mark = writer.mark()
  const seconds = options.retryAfterSeconds
  const headers = oneHeader('retry-after', seconds === undefined ? undefined : String(seconds))
  writeResponse(httpStatus(code), denialBody(code, message), () => writeSetHeaders(writer, 2, headers))
  writer.nested(deniedResponse, mark)
  writeStatus(code, message)
  return writer.finish()
}

/** A check that could not be decided: an RPC error, or Envoy's own form of one. */
export function encodeUndecided(undecided: Undecided, options: ResolvedExtAuthz): Answer {
  const { code, message } = errorOf(undecided)
  if (options.undecided === 'rpc-error') return new Refusal(code, message)
  const mark = writer.mark()
  // The inside of a failure is for the log; the client's client gets the code.
  writeResponse(code === Code.DEADLINE_EXCEEDED ? 504 : 503, denialBody(code, 'not decided'), () => {})
  writer.nested(errorResponse, mark)
  writeStatus(code, message)
  return writer.finish()
}

function errorOf({ reason, message }: Undecided): { readonly code: number; readonly message: string } {
  switch (reason) {
    case 'OVERLOADED':
      return { code: Code.UNAVAILABLE, message: 'Server is currently overloaded. Please try again.' }
    case 'PRODUCE_FAILED':
      return { code: Code.INTERNAL, message: `preprocessing attributes failed: ${message}` }
    case 'CHECK_FAILED':
      return { code: Code.INTERNAL, message: `performing check operation failed: ${message}` }
    case 'DEADLINE':
      return { code: Code.DEADLINE_EXCEEDED, message }
  }
}

function oneHeader(name: string, value: string | undefined): (readonly [string, string])[] {
  return value === undefined ? [] : [[name, value]]
}

/** Writes the fields of a DeniedHttpResponse. */
function writeResponse(status: number, body: string, writeHeaders: () => void): void {
  if (body !== '') writer.string(3, body)
  writeHeaders()
  const mark = writer.mark()
  writer.uint32(1, status)
  writer.nested(1, mark)
}

/** Writes `status`; it is there even when it is OK. */
function writeStatus(code: number, message: string): void {
  const mark = writer.mark()
  if (message !== '') writer.string(2, message)
  if (code !== 0) writer.int64(1, code)
  writer.nested(1, mark)
}

/** What access logs and later filters may see of the decision. Our own facts win over an adapter's of that name. */
function writeMetadata(answer: Decided, code: number, message: string, options: ResolvedExtAuthz): void {
  const facts: Record<string, string | number | boolean> = { ...answer.metadata, code }
  if (message !== '') facts.message = message
  if (options.cacheFacts === 'shown') {
    facts.from_cache = answer.fromCache
    facts.valid_for_ms = answer.validForMs
  }
  const mark = writer.mark()
  writeStruct(writer, facts satisfies Metadata)
  writer.nested(4, mark)
}
