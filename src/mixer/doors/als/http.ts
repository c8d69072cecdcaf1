import { type AttributeBag, addInt64, type Int64 } from '../../attributes/index.js'
import { parseIp } from '../envoy/ip.js'
import { protocolOf, queryParams, urlPath } from '../envoy/path.js'
import { put, type Slots } from '../envoy/slots.js'
import type { CommonFacts, HttpEntryFacts } from './entry.js'

/** The attributes of HTTP entries. */
export const httpForms = {
  'context.protocol': 'string',
  'origin.ip': 'ip',
  'request.method': 'string',
  'request.scheme': 'string',
  'request.host': 'string',
  'request.path': 'string',
  'request.url_path': 'string',
  'request.query_params': 'map',
  'request.original_path': 'string',
  'request.useragent': 'string',
  'request.referer': 'string',
  'request.id': 'string',
  'request.headers': 'map',
  'request.size': 'int64',
  'request.total_size': 'int64',
  'request.protocol_version': 'string',
  'response.code': 'int64',
  'response.size': 'int64',
  'response.total_size': 'int64',
  'response.headers': 'map',
  'response.grpc_status': 'string',
  'response.grpc_message': 'string',
  'response.code_details': 'string',
} as const

/** Pairs of a query that become `request.query_params`; the rest is left out. */
const maxQueryPairs = 1_000
const methods = ['', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'] as const
const protocols = ['', 'HTTP/1.0', 'HTTP/1.1', 'HTTP/2', 'HTTP/3'] as const

/** Fills what an HTTP entry says. Source: reference wire-envoy-als, section 4. */
export function fillHttp(
  bag: AttributeBag,
  slots: Slots<keyof typeof httpForms>,
  http: HttpEntryFacts,
  common: CommonFacts,
): void {
  // A method that Envoy's list does not have is only in the additional headers, if it was asked for.
  const method = methods[http.method] || http.requestHeaders?.get(':method') || ''
  const id = http.requestId || common.streamId
  put(bag, slots['request.method'], method)
  put(bag, slots['request.scheme'], http.scheme)
  put(bag, slots['request.host'], http.authority)
  put(bag, slots['request.path'], http.path)
  if (http.path !== '') {
    put(bag, slots['request.url_path'], urlPath(http.path))
    put(bag, slots['request.query_params'], queryParams(http.path, maxQueryPairs))
  }
  put(bag, slots['request.original_path'], http.originalPath)
  put(bag, slots['request.useragent'], http.userAgent)
  put(bag, slots['request.referer'], http.referer)
  put(bag, slots['request.id'], id)
  put(bag, slots['request.protocol_version'], protocols[http.protocol])
  if (common.remote?.ip === undefined && http.forwardedFor !== '')
    put(bag, slots['origin.ip'], parseIp(http.forwardedFor.split(',', 1)[0]?.trim() ?? ''))
  if (slots['request.headers'] >= 0) putMap(bag, slots['request.headers'], requestHeaders(http, method, id))
  putSizes(bag, slots, http, common)
  putResponse(bag, slots, http)
}

function putMap(bag: AttributeBag, slot: number, map: ReadonlyMap<string, string>): void {
  if (map.size > 0) put(bag, slot, map)
}

/** The headers that were logged, and those that Envoy logs as fields of their own. */
function requestHeaders(http: HttpEntryFacts, method: string, id: string): ReadonlyMap<string, string> {
  const headers = http.requestHeaders ?? new Map<string, string>()
  const more: readonly (readonly [string, string])[] = [
    [':method', method],
    [':path', http.path],
    [':authority', http.authority],
    [':scheme', http.scheme],
    ['user-agent', http.userAgent],
    ['referer', http.referer],
    ['x-request-id', id],
    ['x-forwarded-for', http.forwardedFor],
  ]
  for (const [name, value] of more) if (value !== '' && !headers.has(name)) headers.set(name, value)
  return headers
}

function putSizes(
  bag: AttributeBag,
  slots: Slots<keyof typeof httpForms>,
  http: HttpEntryFacts,
  common: CommonFacts,
): void {
  put(bag, slots['request.size'], http.requestBodyBytes)
  put(bag, slots['response.size'], http.responseBodyBytes)
  const request = total(http.requestHeadersBytes, http.requestBodyBytes, common.wireBytesReceived)
  const response = total(http.responseHeadersBytes, http.responseBodyBytes, common.wireBytesSent)
  put(bag, slots['request.total_size'], request)
  put(bag, slots['response.total_size'], response)
}

/** Headers and body; what went over the wire when the headers were not counted. */
function total(headers: Int64, body: Int64, wire: Int64): Int64 {
  return headers === 0 && wire !== 0 ? wire : addInt64(headers, body)
}

function putResponse(bag: AttributeBag, slots: Slots<keyof typeof httpForms>, http: HttpEntryFacts): void {
  // 0 when no response was sent, as Istio's proxy reported it.
  put(bag, slots['response.code'], http.responseCode)
  put(bag, slots['response.code_details'], http.codeDetails)
  const headers = new Map([...(http.responseTrailers ?? []), ...(http.responseHeaders ?? [])])
  putMap(bag, slots['response.headers'], headers)
  const grpcStatus = http.responseTrailers?.get('grpc-status') ?? http.responseHeaders?.get('grpc-status')
  put(bag, slots['response.grpc_status'], grpcStatus)
  const grpcMessage = http.responseTrailers?.get('grpc-message') ?? http.responseHeaders?.get('grpc-message')
  put(bag, slots['response.grpc_message'], grpcMessage)
  const type = http.requestHeaders?.get('content-type') ?? http.responseHeaders?.get('content-type')
  put(bag, slots['context.protocol'], grpcStatus !== undefined ? 'grpc' : protocolOf(type))
}
