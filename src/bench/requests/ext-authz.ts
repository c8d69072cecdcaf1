import protobuf from 'protobufjs'
import type { RequestFacts } from './facts.js'

/** A request as Envoy tells it. */
export interface AuthzRequest {
  readonly host: string
  /** With its query, as it was sent. */
  readonly path: string
  readonly method: string
  readonly id: string
  /** An IPv4 or IPv6 address. */
  readonly sourceIp: string
  readonly seconds: number
  readonly nanos: number
  /** Names in lower case, as they are in HTTP/2. */
  readonly headers: Readonly<Record<string, string>>
}

/** A standard request in Envoy's words. */
export function authzRequestOf(facts: RequestFacts): AuthzRequest {
  const { host, path, query, method, requestId, sourceIp, seconds, nanos, headers } = facts
  return {
    host,
    path: `${path}?${query}`,
    method,
    id: String(Number.parseInt(requestId.slice(0, 8), 16)),
    sourceIp: sourceIp.join('.'),
    seconds,
    nanos,
    headers,
  }
}

const { Writer } = protobuf
type Writer = protobuf.Writer

/** Wire type 2: bytes, texts and messages. */
const bytesTag = (field: number) => (field << 3) | 2
const varintTag = (field: number) => field << 3

/**
 * Encodes `envoy.service.auth.v3.CheckRequest` as Envoy's HTTP filter fills it. Source: reference wire-envoy-auth, 2.1 and 3.
 */
export function encodeAuthzCheck(request: AuthzRequest): Buffer {
  const writer = Writer.create()
  writer.uint32(bytesTag(1)).fork() // attributes
  peer(writer, 1, request.sourceIp, 40_000, 'spiffe://cluster.local/ns/shop/sa/bookinfo-productpage')
  peer(writer, 2, '10.2.0.17', 9080, 'spiffe://cluster.local/ns/shop/sa/bookinfo-reviews')
  writer.uint32(bytesTag(4)).fork() // request
  writer.uint32(bytesTag(1)).fork() // time
  writer.uint32(varintTag(1)).int64(request.seconds).uint32(varintTag(2)).int32(request.nanos).ldelim()
  http(writer, request)
  writer.ldelim().ldelim()
  return Buffer.from(writer.finish())
}

function peer(writer: Writer, field: number, address: string, port: number, principal: string): void {
  writer.uint32(bytesTag(field)).fork()
  writer.uint32(bytesTag(1)).fork().uint32(bytesTag(1)).fork() // address: socket_address
  writer.uint32(bytesTag(2)).string(address).uint32(varintTag(3)).uint32(port)
  writer.ldelim().ldelim()
  writer.uint32(bytesTag(4)).string(principal).ldelim()
}

function http(writer: Writer, { id, method, headers, path, host }: AuthzRequest): void {
  writer.uint32(bytesTag(2)).fork()
  writer.uint32(bytesTag(1)).string(id)
  writer.uint32(bytesTag(2)).string(method)
  const pseudo = { ':authority': host, ':path': path, ':method': method, ':scheme': 'http' }
  for (const [name, value] of Object.entries({ ...headers, ...pseudo }))
    writer
      .uint32(bytesTag(3))
      .fork()
      .uint32(bytesTag(1))
      .string(name)
      .uint32(bytesTag(2))
      .string(value)
      .ldelim()
  writer.uint32(bytesTag(4)).string(path)
  writer.uint32(bytesTag(5)).string(host)
  writer.uint32(bytesTag(6)).string('http')
  writer.uint32(bytesTag(10)).string('HTTP/1.1')
  writer.ldelim()
}
