import t, { type Test } from 'tap'
import { type AttributeBag, type Declaration, Instant } from '../../src/mixer/attributes/index.js'
import { type AlsOptions, resolveAls } from '../../src/mixer/doors/als/options.js'
import { alsService } from '../../src/mixer/doors/als/service.js'
import type { ReportAnswer } from '../../src/mixer/engine/api.js'
import { decode, encode } from './protos.js'
import { serve, serverKinds } from './serving.js'
import { ByteClient, contents, counting, ManualClock, scripted, vocabularyOf } from './support.js'

const path = '/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs'
const message = (body: Record<string, unknown>) =>
  encode('envoy.service.accesslog.v3.StreamAccessLogsMessage', body)

const strings = [
  'context.reporter.uid', 'context.reporter.kind', 'context.reporter.cluster', 'context.proxy_version',
  'context.log_name', 'context.log_type', 'context.protocol', 'context.proxy_error_code', 'destination.uid',
  'source.uid', 'destination.principal', 'destination.service.host', 'upstream.cluster', 'request.route',
  'request.scheme', 'request.url_path', 'request.useragent', 'request.referer', 'request.id',
  'request.protocol_version', 'request.original_path', 'response.grpc_status', 'response.grpc_message',
  'response.code_details', 'response.flags', 'connection.requested_server_name', 'connection.tls.version',
  'connection.event', 'connection.id', 'connection.failure_reason', 'check.error_message',
  'rbac.permissive.response_code', 'rbac.permissive.effective_policy_id', 'request.auth.principal', 'team',
] // biome-ignore format: a list of names
const integers = [
  'destination.port', 'upstream.port', 'upstream.attempts', 'request.total_size', 'response.code', 'response.size',
  'response.total_size', 'connection.tls.cipher', 'check.error_code', 'connection.received.bytes',
  'connection.received.bytes_total', 'connection.sent.bytes', 'connection.sent.bytes_total',
] // biome-ignore format: a list of names
const maps = [
  'context.reporter.metadata',
  'context.tags',
  'context.metadata',
  'request.query_params',
  'response.headers',
]
const more: readonly Declaration[] = [
  ...strings.map(name => ({ name, type: 'STRING' }) as const),
  ...integers.map(name => ({ name, type: 'INT64' }) as const),
  ...maps.map(name => ({ name, type: 'STRING_MAP' }) as const),
  { name: 'destination.ip', type: 'IP_ADDRESS' },
  { name: 'upstream.ip', type: 'IP_ADDRESS' },
  { name: 'upstream.duration', type: 'DURATION' },
  { name: 'connection.duration', type: 'DURATION' },
  { name: 'response.first_byte_duration', type: 'DURATION' },
  { name: 'response.time', type: 'TIMESTAMP' },
  { name: 'context.time', type: 'TIMESTAMP' },
  { name: 'context.timestamp', type: 'TIMESTAMP' },
  { name: 'check.cache_hit', type: 'BOOL' },
]

interface Setup {
  readonly kind?: 'grpc-js' | 'http2'
  readonly options?: AlsOptions
  report?(bags: readonly AttributeBag[]): ReportAnswer | Promise<ReportAnswer>
}

/** An open stream of logs to a door, and everything that the engine got. */
async function stream(t: Test, setup: Setup = {}) {
  const { telemetry, counts } = counting()
  const bags: Record<string, unknown>[] = []
  const engine = scripted({
    vocabulary: vocabularyOf(more),
    report: async taken => {
      for (const bag of taken) bags.push(contents(bag))
      return (await setup.report?.(taken)) ?? { kind: 'taken' }
    },
  })
  const clock = new ManualClock(1_700_000_000_500)
  const service = alsService({ engine, telemetry, clock, options: resolveAls(setup.options) })
  const { server, address } = await serve(t, { kind: setup.kind ?? 'grpc-js', services: [service] })
  const client = new ByteClient(address)
  t.teardown(() => client.close())
  const asIs = (bytes: Buffer) => bytes
  let settle: (result: { code: number; answer: Buffer | undefined }) => void = () => {}
  const result = new Promise<{ code: number; answer: Buffer | undefined }>(resolve => {
    settle = resolve
  })
  const call = client.raw.makeClientStreamRequest(path, asIs, asIs, (error, answer) =>
    settle({ code: error?.code ?? 0, answer: answer as Buffer | undefined }),
  )
  return { call, result, bags, counts, server }
}

const address = (ip: string, port_value: number) => ({ socket_address: { address: ip, port_value } })
const ms = (milliseconds: number) => ({ nanos: milliseconds * 1_000_000 })
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

t.test('als reports nothing twice: only ends, unless all entries are asked for', async t => {
  const types = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]
  const log_entry = types.map(access_log_type => ({ common_properties: { access_log_type } }))
  const old = { common_properties: { intermediate_log_entry: true } }
  for (const [entries, wanted] of [
    ['end', 4],
    ['all', 16],
  ] as const) {
    const { call, result, bags, counts } = await stream(t, { options: { entries } })
    call.write(message({ http_logs: { log_entry: [...log_entry, old] } }))
    call.end()
    await result
    t.equal(bags.length, wanted)
    t.equal(counts.get('door_log_entries{door="als",fate="not_an_end"}') ?? 0, 16 - wanted)
  }
})

t.test('als gives a TCP connection its totals, and what was added since the last entry', async t => {
  const entry = (access_log_type: number, received_bytes: number, sent_bytes: number, stream_id = 'c') => ({
    common_properties: { access_log_type, stream_id, duration: ms(5) },
    connection_properties: { received_bytes, sent_bytes },
  })
  const { call, result, bags } = await stream(t, { options: { entries: 'all' } })
  const log_entry = [entry(14, 0, 0), entry(2, 10, 1), entry(2, 15, 1, 'd'), entry(2, 25, 4), entry(3, 30, 4)]
  call.write(message({ tcp_logs: { log_entry } }))
  call.end()
  await result
  t.same(
    bags.map(bag => [
      bag['connection.event'],
      bag['connection.received.bytes'],
      bag['connection.received.bytes_total'],
      bag['connection.sent.bytes'],
      bag['connection.id'],
    ]),
    [
      ['open', 0, 0, 0, 'c'],
      ['continue', 10, 10, 1, 'c'],
      ['continue', 15, 15, 1, 'd'],
      ['continue', 15, 25, 3, 'c'],
      ['close', 5, 30, 0, 'c'],
    ],
  )
  t.match(bags.at(-1), { 'context.protocol': 'tcp', 'connection.duration': 5_000_000 })
  t.match(bags[0]?.['context.time'], new Instant(1_700_000_000, 500_000_000))
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

t.test('als goes on reading while the engine is slow, and drops the oldest', async t => {
  let release = () => {}
  const gate = new Promise<void>(resolve => {
    release = resolve
  })
  const { call, result, bags, counts } = await stream(t, {
    options: { maxQueuedEntries: 3, batchEntries: 1 },
    report: () => gate.then(() => ({ kind: 'taken' })),
  })
  const one = (stream_id: string) => ({ common_properties: { stream_id } })
  call.write(message({ http_logs: { log_entry: [one('0')] } }))
  const names = Array.from({ length: 9 }, (_, index) => String(index + 1))
  call.write(message({ http_logs: { log_entry: names.map(one) } }))
  call.end()
  while (counts.get('door_log_entries{door="als",fate="queue_full"}') !== 6)
    await new Promise(resolve => setImmediate(resolve))
  release()
  await result
  t.same(
    bags.map(bag => bag['request.id']),
    ['0', '7', '8', '9'],
  )
})

t.test('als counts what the engine refuses, and what cannot be read, and goes on', async t => {
  const answers: ReportAnswer[] = [{ kind: 'overloaded' }, { kind: 'failed', problems: ['x'] }]
  const { call, result, counts } = await stream(t, {
    options: { batchEntries: 1 },
    report: () => {
      const answer = answers.shift()
      if (answer === undefined) throw new Error('a fault')
      return answer
    },
  })
  call.write(Buffer.from([0x12, 0x7f]))
  call.write(Buffer.from([0x12, 0x04, 0x0a, 0x02, 0x0a, 0x7f]))
  call.write(message({ http_logs: { log_entry: [{}, {}, {}] } }))
  call.end()
  t.equal((await result).code, 0)
  const fate = (name: string) => counts.get(`door_log_entries{door="als",fate="${name}"}`)
  t.same([fate('malformed'), fate('overloaded'), fate('failed')], [1, 1, 2])
  t.equal(counts.get('door_malformed{door="als"}'), 1)
})

for (const kind of serverKinds) {
  t.test(`als ends its streams when the server drains, after what it has got, on ${kind}`, async t => {
    const { call, result, bags, server } = await stream(t, { kind })
    call.write(message({ http_logs: { log_entry: [{}] } }))
    while (bags.length === 0) await new Promise(resolve => setImmediate(resolve))
    const drained = server.drain(5_000)
    t.equal((await result).code, 0)
    await drained
    t.equal(bags.length, 1)
  })
}
