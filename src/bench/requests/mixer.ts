import type { AttributeValues, Value } from '@outboard/adapters-sdk'
import type { RequestFacts } from './facts.js'

const text = (value: string): Value => ({ type: 'STRING', value })

/**
 * The 29 attributes that a sidecar of Istio 1.1 sends with a Check, about 1.5 kB on the wire. Attributes beyond them (for
 * `scale`) are texts that no rule looks at.
 */
export function checkAttributes(facts: RequestFacts, attributes = 29): AttributeValues {
  const { host, path, query, method, requestId, sourceIp, sourcePod, headers } = facts
  const values: Record<string, Value> = {
    'destination.service.host': text(host),
    'request.headers': { type: 'STRING_MAP', value: headers },
    'source.ip': { type: 'IP_ADDRESS', value: Uint8Array.from(sourceIp) },
    'request.path': text(`${path}?${query}`),
    'request.method': text(method),
    'context.protocol': text('http'),
    'context.reporter.kind': text('inbound'),
    'context.reporter.uid': text('kubernetes://reviews-v2-7bb6ff9b46-x2x9z.shop'),
    'context.proxy_version': text('1.1.17'),
    'connection.mtls': { type: 'BOOL', value: true },
    'connection.requested_server_name': text('outbound_.9080_._.reviews.shop.svc.cluster.local'),
    'destination.ip': { type: 'IP_ADDRESS', value: Uint8Array.of(10, 2, 0, 17) },
    'destination.namespace': text('shop'),
    'destination.port': { type: 'INT64', value: 9080n },
    'destination.principal': text('cluster.local/ns/shop/sa/bookinfo-reviews'),
    'destination.service.name': text('reviews'),
    'destination.service.namespace': text('shop'),
    'destination.service.uid': text('istio://shop/services/reviews'),
    'destination.uid': text('kubernetes://reviews-v2-7bb6ff9b46-x2x9z.shop'),
    'origin.ip': { type: 'IP_ADDRESS', value: Uint8Array.from(sourceIp) },
    'request.host': text(`${host}:9080`),
    'request.id': text(requestId),
    'request.scheme': text('http'),
    'request.time': { type: 'TIMESTAMP', value: { seconds: facts.seconds, nanos: facts.nanos } },
    'request.url_path': text(path),
    'request.useragent': text(headers['user-agent'] ?? ''),
    'source.namespace': text('shop'),
    'source.principal': text('cluster.local/ns/shop/sa/bookinfo-productpage'),
    'source.uid': text(`kubernetes://${sourcePod}.shop`),
  }
  const entries = Object.entries(values)
  for (let i = entries.length; i < attributes; i++)
    entries.push([extraAttribute(i), text(`value-${i}-${requestId}`)])
  return Object.fromEntries(entries.slice(0, attributes))
}

/** Attributes that only `scale` sends; its configuration declares them. */
export function extraAttribute(number: number): string {
  return `bench.extra.a${number}`
}

/** What a sidecar reports afterwards: the same request, and how it went. */
export function reportAttributes(facts: RequestFacts): AttributeValues {
  return {
    ...checkAttributes(facts),
    'response.code': { type: 'INT64', value: facts.nanos % 20 === 0 ? 404n : 200n },
    'response.duration': { type: 'DURATION', value: BigInt(1_000_000 + (facts.nanos % 50_000_000)) },
    'response.size': { type: 'INT64', value: BigInt(facts.nanos % 20_000) },
    'response.total_size': { type: 'INT64', value: BigInt((facts.nanos % 20_000) + 180) },
    'response.time': { type: 'TIMESTAMP', value: { seconds: facts.seconds, nanos: facts.nanos } },
    'request.size': { type: 'INT64', value: 0n },
    'request.total_size': { type: 'INT64', value: 890n },
  }
}
