import t from 'tap'
import { Instant } from '../../src/mixer/attributes/index.js'
import { message, ms, stream } from './als-stream.js'
import { decode } from './protos.js'
import { serverKinds } from './serving.js'

const address = (ip: string, port_value: number) => ({ socket_address: { address: ip, port_value } })
const text = (stringValue: string) => ({ stringValue })

const identifier = {
  log_name: 'web',
  node: {
    id: 'sidecar~10.0.0.9~web-1.shop~shop.svc.cluster.local',
    cluster: 'web.shop',
    metadata: {
      fields: { NAME: text('web-1'), NESTED: { structValue: { fields: { A: { numberValue: 1 } } } } },
    },
    user_agent_build_version: { version: { major_number: 1, minor_number: 40, patch: 2 } },
  },
}

const httpEntry = {
  protocol_version: 3,
  common_properties: {
    downstream_remote_address: address('203.0.113.7', 5_555),
    downstream_direct_remote_address: address('10.0.0.1', 4_444),
    downstream_local_address: address('10.0.0.2', 8_443),
    upstream_remote_address: address('10.0.0.3', 9_080),
    upstream_cluster: 'outbound|9080|v1|reviews.shop.svc.cluster.local',
    route_name: 'r',
    start_time: { seconds: 1_700_000_000, nanos: 900_000_000 },
    time_to_first_upstream_tx_byte: ms(10),
    time_to_first_upstream_rx_byte: ms(60),
    time_to_first_downstream_tx_byte: ms(61),
    time_to_last_downstream_tx_byte: ms(200),
    duration: ms(250),
    response_flags: {
      upstream_overflow: true,
      unauthorized_details: { reason: 1 },
      downstream_remote_reset: true,
    },
    tls_properties: {
      tls_version: 4,
      tls_cipher_suite: { value: 4_865 },
      tls_sni_hostname: 'shop.example',
      peer_certificate_properties: {
        subject_alt_name: [{ dns: 'web' }, { uri: 'spiffe://td/ns/shop/sa/web' }, { uri: 'spiffe://other' }],
      },
      local_certificate_properties: { subject: 'CN=db' },
    },
    metadata: {
      filter_metadata: {
        'envoy.filters.http.ext_authz': {
          fields: { code: { numberValue: 7 }, message: text('h:no'), from_cache: { boolValue: true } },
        },
        'envoy.filters.http.rbac': { fields: { shadow_engine_result: text('denied') } },
        'envoy.filters.http.jwt_authn': {
          fields: { p: { structValue: { fields: { iss: text('i'), sub: text('s') } } } },
        },
        other: { fields: { k: text('v') } },
      },
    },
    custom_tags: { team: 'red', 'request.size': '77', 'source.port': 'x', free: 'tag' },
    upstream_request_attempt_count: 2,
    stream_id: 's-1',
    access_log_type: 6,
  },
  request: {
    request_method: 3,
    scheme: 'https',
    authority: 'shop.example',
    path: '/p?q=1',
    user_agent: 'curl',
    referer: 'ref',
    request_headers_bytes: 100,
    request_body_bytes: 23,
    request_headers: { 'content-type': 'application/grpc' },
  },
  response: {
    response_code: { value: 200 },
    response_headers_bytes: 10,
    response_body_bytes: '5000000000',
    response_headers: { a: 'header' },
    response_trailers: { 'grpc-status': '0', a: 'trailer', 'grpc-message': 'fine' },
    response_code_details: 'via_upstream',
  },
}

for (const kind of serverKinds) {
  t.test(`als maps HTTP entries, on ${kind}`, async t => {
    const { call, result, bags, counts } = await stream(t, { kind })
    call.write(message({ identifier, http_logs: { log_entry: [httpEntry] } }))
    call.end()
    const { code, answer } = await result
    t.equal(code, 0)
    t.same(decode('envoy.service.accesslog.v3.StreamAccessLogsResponse', answer ?? Buffer.from([1])), {})
    t.same(bags, [
      {
        'context.reporter.uid': identifier.node.id,
        'context.reporter.kind': 'inbound',
        'context.reporter.cluster': 'web.shop',
        'context.reporter.metadata': { NAME: 'web-1', 'NESTED/A': '1' },
        'context.proxy_version': '1.40.2',
        'context.log_name': 'web',
        'context.log_type': 'DownstreamEnd',
        'context.protocol': 'grpc',
        'context.time': new Instant(1_700_000_001, 100_000_000),
        'context.timestamp': new Instant(1_700_000_001, 100_000_000),
        'context.proxy_error_code': 'UO,UAEX,DR',
        'response.flags': 'UO,UAEX,DR',
        'context.tags': { free: 'tag' },
        'context.metadata': { 'other/k': 'v' },
        team: 'red',
        'destination.uid': 'kubernetes://web-1.shop',
        'source.ip': new Uint8Array([10, 0, 0, 1]),
        'source.port': 4_444,
        'origin.ip': new Uint8Array([203, 0, 113, 7]),
        'destination.ip': new Uint8Array([10, 0, 0, 2]),
        'destination.port': 8_443,
        'upstream.ip': new Uint8Array([10, 0, 0, 3]),
        'upstream.port': 9_080,
        'upstream.cluster': 'outbound|9080|v1|reviews.shop.svc.cluster.local',
        'upstream.duration': 50_000_000,
        'upstream.attempts': 2,
        'destination.service.host': 'reviews.shop.svc.cluster.local',
        'request.route': 'r',
        'source.principal': 'td/ns/shop/sa/web',
        'source.namespace': 'shop',
        'destination.principal': 'CN=db',
        'connection.mtls': true,
        'connection.requested_server_name': 'shop.example',
        'connection.tls.version': 'TLSv1.3',
        'connection.tls.cipher': 4_865,
        'request.time': new Instant(1_700_000_000, 900_000_000),
        'response.time': new Instant(1_700_000_001, 100_000_000),
        'response.duration': 250_000_000,
        'response.first_byte_duration': 61_000_000,
        'request.method': 'POST',
        'request.scheme': 'https',
        'request.host': 'shop.example',
        'request.path': '/p?q=1',
        'request.url_path': '/p',
        'request.query_params': { q: '1' },
        'request.useragent': 'curl',
        'request.referer': 'ref',
        'request.id': 's-1',
        'request.protocol_version': 'HTTP/2',
        'request.headers': {
          'content-type': 'application/grpc',
          ':method': 'POST',
          ':path': '/p?q=1',
          ':authority': 'shop.example',
          ':scheme': 'https',
          'user-agent': 'curl',
          referer: 'ref',
          'x-request-id': 's-1',
        },
        'request.size': 77,
        'request.total_size': 123,
        'response.code': 200,
        'response.size': 5_000_000_000,
        'response.total_size': 5_000_000_010,
        'response.headers': { a: 'header', 'grpc-status': '0', 'grpc-message': 'fine' },
        'response.grpc_status': '0',
        'response.grpc_message': 'fine',
        'response.code_details': 'via_upstream',
        'check.error_code': 7,
        'check.error_message': 'h:no',
        'check.cache_hit': true,
        'rbac.permissive.response_code': 'denied',
        'request.auth.principal': 'i/s',
      },
    ])
    t.equal(counts.get('door_log_entries{door="als",fate="reported"}'), 1)
    t.equal(counts.get('door_attributes_dropped{door="als",reason="bad_value"}'), 1)
  })
}

t.test('als takes the reporter of a log for what its name says, and others for the default', async t => {
  const options = { reporterKind: 'outbound', reporterKinds: { web: 'inbound' } } as const
  const { call, result, bags } = await stream(t, { options })
  for (const log_name of ['web', 'other'])
    call.write(message({ identifier: { ...identifier, log_name }, http_logs: { log_entry: [httpEntry] } }))
  call.end()
  await result
  t.same(
    bags.map(bag => bag['context.reporter.kind']),
    ['inbound', 'outbound'],
  )
})

t.test('als takes the upstream for the destination of an outbound log', async t => {
  const { call, result, bags } = await stream(t, { options: { reporterKinds: { web: 'outbound' } } })
  call.write(message({ identifier, http_logs: { log_entry: [httpEntry] } }))
  call.write(message({ http_logs: { log_entry: [httpEntry] } }))
  call.end()
  await result
  t.equal(bags.length, 2, 'the identifier of the first message holds for the second')
  for (const bag of bags)
    t.match(bag, {
      'context.reporter.kind': 'outbound',
      'destination.ip': new Uint8Array([10, 0, 0, 3]),
      'destination.port': 9_080,
      'source.uid': 'kubernetes://web-1.shop',
    })
})
