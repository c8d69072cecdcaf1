import type { AttributeValues } from '@outboard/adapters-sdk'
import { encodeCheckRequest } from '@outboard/adapters-sdk/client'
import type { Declaration } from '../../mixer/attributes/index.js'

const text = (value: string) => ({ type: 'STRING', value }) as const

/** A Check as an Istio sidecar asks it: 29 attributes, about 1.5 kB. */
export const attributes: AttributeValues = {
  'connection.mtls': { type: 'BOOL', value: true },
  'connection.requested_server_name': text('outbound_.9080_.v1_.reviews.default.svc.cluster.local'),
  'context.protocol': text('http'),
  'context.proxy_version': text('1.5.0'),
  'context.reporter.kind': text('inbound'),
  'context.reporter.uid': text('kubernetes://reviews-v1-75b979578c-kqxzp.default'),
  'destination.ip': { type: 'IP_ADDRESS', value: new Uint8Array([10, 44, 1, 17]) },
  'destination.namespace': text('default'),
  'destination.port': { type: 'INT64', value: 9_080n },
  'destination.principal': text('cluster.local/ns/default/sa/bookinfo-reviews'),
  'destination.service.host': text('reviews.default.svc.cluster.local'),
  'destination.service.name': text('reviews'),
  'destination.service.namespace': text('default'),
  'destination.service.uid': text('istio://default/services/reviews'),
  'destination.uid': text('kubernetes://reviews-v1-75b979578c-kqxzp.default'),
  'origin.ip': { type: 'IP_ADDRESS', value: new Uint8Array([10, 44, 2, 9]) },
  'request.headers': {
    type: 'STRING_MAP',
    value: {
      ':authority': 'reviews:9080',
      ':method': 'GET',
      ':path': '/reviews/0?page=3&size=20',
      accept: '*/*',
      'accept-encoding': 'gzip, deflate',
      'content-length': '0',
      'user-agent': 'python-requests/2.18.4',
      'x-b3-parentspanid': '8ce4fb1d1a8b3a5d',
      'x-b3-sampled': '1',
      'x-b3-spanid': 'a2fb4a1d1a96d312',
      'x-b3-traceid': '463ac35c9f6413ad48485a3953bb6124',
      'x-envoy-attempt-count': '1',
      'x-forwarded-for': '10.44.2.9',
      'x-forwarded-proto': 'http',
      'x-request-id': '0f9d2a8e-6dd0-9a2c-9e43-7f2f4e2b8c6e',
      'x-user': 'jane',
    },
  },
  'request.host': text('reviews:9080'),
  'request.method': text('GET'),
  'request.path': text('/reviews/0?page=3&size=20'),
  'request.query_params': { type: 'STRING_MAP', value: { page: '3', size: '20' } },
  'request.scheme': text('http'),
  'request.time': { type: 'TIMESTAMP', value: { seconds: 1_700_000_000, nanos: 123_456_000 } },
  'request.url_path': text('/reviews/0'),
  'request.useragent': text('python-requests/2.18.4'),
  'source.namespace': text('default'),
  'source.principal': text('cluster.local/ns/default/sa/bookinfo-productpage'),
  'source.uid': text('kubernetes://productpage-v1-6d8bc58dd7-w7mxw.default'),
  'source.user': text('cluster.local/ns/default/sa/bookinfo-productpage'),
}

export const checkRequest: Buffer = encodeCheckRequest({
  attributes,
  deduplicationId: '3f1c62a0-5a0e-4d0c-8f22-9a1d7a1d7e1042',
})

/** The attributes above, and as many more as a usual manifest declares. */
export const declarations: readonly Declaration[] = [
  ...Object.entries(attributes).map(([name, { type }]) => ({ name, type })),
  ...Array.from({ length: 60 }, (_, index) => ({
    name: `other.attribute.${index}`,
    type: 'STRING' as const,
  })),
]
