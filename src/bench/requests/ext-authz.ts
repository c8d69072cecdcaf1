import protobuf from 'protobufjs'
import type { RequestFacts } from './facts.js'

const { Writer } = protobuf
type Writer = protobuf.Writer

/** Wire type 2: bytes, texts and messages. */
const bytesTag = (field: number) => (field << 3) | 2
const varintTag = (field: number) => field << 3

/**
 * Encodes `envoy.service.auth.v3.CheckRequest` as Envoy's HTTP filter fills it. Source: reference wire-envoy-auth, 2.1 and 3.
 */
export function encodeAuthzCheck(facts: RequestFacts): Buffer {
  const writer = Writer.create()
  writer.uint32(bytesTag(1)).fork() // attributes
  peer(writer, 1, facts.sourceIp.join('.'), 40_000, 'spiffe://cluster.local/ns/shop/sa/bookinfo-productpage')
  peer(writer, 2, '10.2.0.17', 9080, 'spiffe://cluster.local/ns/shop/sa/bookinfo-reviews')
  writer.uint32(bytesTag(4)).fork() // request
  writer.uint32(bytesTag(1)).fork() // time
  writer.uint32(varintTag(1)).int64(facts.seconds).uint32(varintTag(2)).int32(facts.nanos).ldelim()
  http(writer, facts)
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

function http(writer: Writer, { requestId, method, headers, path, query, host }: RequestFacts): void {
  writer.uint32(bytesTag(2)).fork()
  writer.uint32(bytesTag(1)).string(String(Number.parseInt(requestId.slice(0, 8), 16)))
  writer.uint32(bytesTag(2)).string(method)
  const pseudo = { ':authority': host, ':path': `${path}?${query}`, ':method': method, ':scheme': 'http' }
  for (const [name, value] of Object.entries({ ...headers, ...pseudo }))
    writer
      .uint32(bytesTag(3))
      .fork()
      .uint32(bytesTag(1))
      .string(name)
      .uint32(bytesTag(2))
      .string(value)
      .ldelim()
  writer.uint32(bytesTag(4)).string(`${path}?${query}`)
  writer.uint32(bytesTag(5)).string(host)
  writer.uint32(bytesTag(6)).string('http')
  writer.uint32(bytesTag(10)).string('HTTP/1.1')
  writer.ldelim()
}
