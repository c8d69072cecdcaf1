import t, { type Test } from 'tap'
import { type Declaration, Instant } from '../../src/mixer/attributes/index.js'
import { type ExtAuthzOptions, resolveExtAuthz } from '../../src/mixer/doors/ext-authz/options.js'
import { extAuthzService } from '../../src/mixer/doors/ext-authz/service.js'
import { WireWriter } from '../../src/mixer/doors/wire/writer.js'
import type { CheckRequest, Decided } from '../../src/mixer/engine/api.js'
import { decode, encode } from './protos.js'
import { connected } from './serving.js'
import { contents, counting, decided, realClock, type Script, scripted, vocabularyOf } from './support.js'

const path = '/envoy.service.auth.v3.Authorization/Check'

const more: readonly Declaration[] = [
  { name: 'source.san', type: 'STRING' },
  { name: 'source.serviceAccount', type: 'STRING' },
  { name: 'source.cluster', type: 'STRING' },
  { name: 'source.labels', type: 'STRING_MAP' },
  { name: 'source.address', type: 'STRING' },
  { name: 'destination.ip', type: 'IP_ADDRESS' },
  { name: 'destination.port', type: 'INT64' },
  { name: 'destination.principal', type: 'STRING' },
  { name: 'destination.namespace', type: 'STRING' },
  { name: 'destination.labels', type: 'STRING_MAP' },
  { name: 'destination.service.host', type: 'DNS_NAME' },
  { name: 'destination.service.name', type: 'STRING' },
  { name: 'connection.requested_server_name', type: 'STRING' },
  { name: 'connection.event', type: 'STRING' },
  { name: 'context.time', type: 'TIMESTAMP' },
  { name: 'context.protocol', type: 'STRING' },
  { name: 'context.reporter.kind', type: 'STRING' },
  { name: 'context.metadata', type: 'STRING_MAP' },
  { name: 'context.route_metadata', type: 'STRING_MAP' },
  { name: 'context.extensions', type: 'STRING_MAP' },
  { name: 'request.scheme', type: 'STRING' },
  { name: 'request.url_path', type: 'STRING' },
  { name: 'request.query_params', type: 'STRING_MAP' },
  { name: 'request.id', type: 'STRING' },
  { name: 'request.stream_id', type: 'STRING' },
  { name: 'request.useragent', type: 'STRING' },
  { name: 'request.referer', type: 'STRING' },
  { name: 'request.protocol_version', type: 'STRING' },
  { name: 'request.body', type: 'STRING' },
  { name: 'request.raw_body', type: 'STRING' },
  { name: 'request.body_truncated', type: 'BOOL' },
  { name: 'request.api_key', type: 'STRING' },
  { name: 'request.auth.principal', type: 'STRING' },
  { name: 'request.auth.audiences', type: 'STRING' },
  { name: 'request.auth.presenter', type: 'STRING' },
  { name: 'request.auth.claims', type: 'STRING_MAP' },
  { name: 'request.auth.raw_claims', type: 'STRING' },
]

interface Setup extends Script {
  readonly options?: ExtAuthzOptions
}

async function door(t: Test, setup: Setup) {
  const { telemetry, counts } = counting()
  const vocabulary = vocabularyOf(more)
  const options = resolveExtAuthz(setup.options)
  const engine = scripted({ vocabulary, ...setup })
  const service = extAuthzService({ engine, telemetry, clock: realClock, options })
  const client = await connected(t, { kind: 'grpc-js', services: [service] })
  const raw = (bytes: Buffer, metadata = {}) => client.call(path, bytes, metadata)
  return {
    counts,
    raw,
    ask: async (attributes: Record<string, unknown>, metadata = {}) => {
      const { code, details, message } = await raw(
        encode('envoy.service.auth.v3.CheckRequest', { attributes }),
        metadata,
      )
      return {
        code,
        details,
        answer: message && decode('envoy.service.auth.v3.CheckResponse', message),
      }
    },
  }
}

/** The attributes that the engine gets for a request. */
async function mapped(t: Test, attributes: Record<string, unknown>, options: ExtAuthzOptions = {}) {
  let seen: Record<string, unknown> = {}
  const { ask, counts } = await door(t, {
    options,
    check: bag => {
      seen = contents(bag)
      return decided(bag)
    },
  })
  t.equal((await ask(attributes)).code, 0)
  return { seen, counts }
}

const struct = (fields: Record<string, unknown>) => ({ fields })
const text = (stringValue: string) => ({ stringValue })

const httpRequest = {
  source: {
    address: { socket_address: { address: '10.1.2.3', port_value: 40_000 } },
    principal: 'spiffe://cluster.local/ns/shop/sa/web',
    service: 'edge',
    labels: { app: 'web' },
  },
  destination: {
    address: { socket_address: { address: '::ffff:10.9.9.9', port_value: 8_080 } },
    principal: 'spiffe://cluster.local/ns/store/sa/db',
  },
  request: {
    time: { seconds: 1_700_000_000, nanos: 7 },
    http: {
      id: '123',
      method: 'GET',
      path: '/a/b?x=1&y=a%20b+c&x=2&z#f',
      host: 'shop.example:8443',
      scheme: 'https',
      protocol: 'HTTP/2',
      size: -1,
      headers: {
        ':path': '/a/b?x=1',
        'x-request-id': 'r-1',
        'user-agent': 'curl',
        referer: 'https://r.example/',
        'content-length': '12',
        'content-type': 'application/grpc+proto; charset=x',
        'x-api-key': 'k',
        'x-forwarded-for': '1.1.1.1, 2.2.2.2,3.3.3.3',
        'x-envoy-auth-partial-body': 'false',
      },
      body: 'hello',
    },
  },
  tls_session: { sni: 'shop.example' },
  context_extensions: {
    'destination.service.name': 'shop',
    'request.size': '99',
    'connection.mtls': 'false',
    'source.ip': 'nonsense',
    tenant: 't1',
  },
  metadata_context: {
    filter_metadata: {
      'envoy.filters.http.jwt_authn': struct({
        payload: {
          structValue: struct({
            iss: text('https://issuer'),
            sub: text('jane'),
            azp: text('app'),
            aud: { listValue: { values: [text('a'), text('b')] } },
            exp: { numberValue: 5 },
          }),
        },
      }),
      mine: struct({ a: { structValue: struct({ b: { numberValue: 1.5 } }) }, c: { boolValue: false } }),
    },
  },
  route_metadata_context: { filter_metadata: { route: struct({ name: text('r') }) } },
}

t.test('ext_authz maps everything that Envoy’s HTTP filter says', async t => {
  const { seen, counts } = await mapped(t, httpRequest)
  const { 'request.headers': headers, ...rest } = seen
  t.same(headers, httpRequest.request.http.headers)
  t.same(rest, {
    'source.ip': new Uint8Array([10, 1, 2, 3]),
    'origin.ip': new Uint8Array([10, 1, 2, 3]),
    'source.port': 40_000,
    'source.principal': 'cluster.local/ns/shop/sa/web',
    'source.user': 'cluster.local/ns/shop/sa/web',
    'source.san': 'spiffe://cluster.local/ns/shop/sa/web',
    'source.namespace': 'shop',
    'source.serviceAccount': 'web',
    'source.cluster': 'edge',
    'source.labels': { app: 'web' },
    'destination.ip': new Uint8Array([10, 9, 9, 9]),
    'destination.port': 8_080,
    'destination.principal': 'cluster.local/ns/store/sa/db',
    'destination.namespace': 'store',
    'destination.service.host': 'shop.example',
    'destination.service.name': 'shop',
    'connection.requested_server_name': 'shop.example',
    'connection.mtls': false,
    'request.time': new Instant(1_700_000_000, 7),
    'context.time': new Instant(1_700_000_000, 7),
    'request.method': 'GET',
    'request.path': '/a/b?x=1&y=a%20b+c&x=2&z#f',
    'request.url_path': '/a/b',
    'request.query_params': { x: '1', y: 'a b c', z: '' },
    'request.host': 'shop.example:8443',
    'request.scheme': 'https',
    'request.protocol_version': 'HTTP/2',
    'request.stream_id': '123',
    'request.id': 'r-1',
    'request.useragent': 'curl',
    'request.referer': 'https://r.example/',
    'request.size': 99,
    'request.api_key': 'k',
    'request.body': 'hello',
    'request.body_truncated': false,
    'context.protocol': 'grpc',
    'context.reporter.kind': 'inbound',
    'context.extensions': { tenant: 't1' },
    'context.metadata': { 'mine/a/b': '1.5', 'mine/c': 'false' },
    'context.route_metadata': { 'route/name': 'r' },
    'request.auth.principal': 'https://issuer/jane',
    'request.auth.audiences': 'a,b',
    'request.auth.presenter': 'app',
    'request.auth.claims': { iss: 'https://issuer', sub: 'jane', azp: 'app', aud: 'a,b' },
    'request.auth.raw_claims': '{"iss":"https://issuer","sub":"jane","azp":"app","aud":["a","b"],"exp":5}',
  })
  t.equal(counts.get('door_attributes_dropped{door="ext_authz",reason="bad_value"}'), 1)
})

t.test('ext_authz leaves absent what Envoy does not say', async t => {
  const { seen } = await mapped(t, {})
  t.same(seen, {
    'context.protocol': 'tcp',
    'connection.event': 'open',
    'context.reporter.kind': 'inbound',
  })
  const http = await mapped(t, { request: { http: {} } })
  t.same(http.seen, { 'context.protocol': 'http', 'context.reporter.kind': 'inbound' })
})

t.test('ext_authz recognises the network filter by the missing request', async t => {
  const { seen } = await mapped(t, {
    source: { address: { pipe: { path: '/run/a.sock' } } },
    destination: { service: 'sni.example', address: { socket_address: { address: '2001:db8::1' } } },
    request: { time: { seconds: 5 } },
  })
  t.same(seen, {
    'source.address': '/run/a.sock',
    'destination.ip': new Uint8Array([0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
    'connection.requested_server_name': 'sni.example',
    'connection.event': 'open',
    'context.protocol': 'tcp',
    'context.reporter.kind': 'inbound',
    'request.time': new Instant(5, 0),
    'context.time': new Instant(5, 0),
  })
})

t.test('ext_authz takes the client from x-forwarded-for only as far as hops are trusted', async t => {
  for (const [forwardedHops, wanted] of [
    [0, [10, 1, 2, 3]],
    [1, [3, 3, 3, 3]],
    [3, [1, 1, 1, 1]],
    [4, [10, 1, 2, 3]],
  ] as const) {
    const { seen } = await mapped(t, httpRequest, { forwardedHops })
    t.same(seen['origin.ip'], new Uint8Array(wanted), `${forwardedHops} hops`)
    t.same(seen['source.ip'], new Uint8Array([10, 1, 2, 3]))
  }
})

t.test('ext_authz joins raw header lines and lower-cases their names', async t => {
  const { seen } = await mapped(t, {
    request: {
      http: {
        header_map: {
          headers: [
            { key: 'X-A', raw_value: Buffer.from('1') },
            { key: 'b', raw_value: Buffer.from('2') },
            { key: 'x-a', raw_value: Buffer.from('3') },
          ],
        },
        raw_body: Buffer.from([0xff, 0x41]),
      },
    },
  })
  t.match(seen, {
    'request.headers': { 'x-a': '1,3', b: '2' },
    'request.raw_body': '/0E=',
    'request.body': '\ufffdA',
  })
})

t.test('ext_authz takes the peer from x-forwarded-client-cert only when told to', async t => {
  const header = 'By=a;URI=spiffe://old/ns/o/sa/o,By=b;Subject="CN=x,O=y";URI=spiffe://td/ns/n/sa/s'
  const request = { source: {}, request: { http: { headers: { 'x-forwarded-client-cert': header } } } }
  const ignored = await mapped(t, request)
  t.notHas(ignored.seen, { 'source.principal': String })
  const trusted = await mapped(t, request, { forwardedCertificate: 'trusted' })
  t.match(trusted.seen, {
    'source.principal': 'td/ns/n/sa/s',
    'source.namespace': 'n',
    'connection.mtls': true,
  })
})

/** The answer that Envoy gets for a decision. */
async function answered(t: Test, change: Partial<Decided>, setup: Setup = {}, headers = {}) {
  const { ask } = await door(t, { check: bag => decided(bag, change), ...setup })
  return ask({ request: { http: { headers } } })
}

const option = (key: string, value: string, mode: 'set' | 'append') => ({
  header: value === '' ? { key } : { key, value },
  ...(mode === 'set' ? { append: {}, append_action: 2 } : { append: { value: true } }),
})

t.test('ext_authz says an allow with a status and an ok_response', async t => {
  const { answer } = await answered(t, {})
  t.match(answer, { status: {}, ok_response: {}, http_response: 'ok_response' })
  t.notOk(answer !== undefined && 'denied_response' in answer)
})

t.test('ext_authz reduces header operations to what Envoy applies', async t => {
  const operations: Decided['directive'] = {
    directStatus: 0,
    directBody: '',
    operations: [
      { on: 'request', operation: 'replace', name: 'a', value: '1' },
      { on: 'request', operation: 'append', name: 'absent', value: '2' },
      { on: 'request', operation: 'append', name: 'absent', value: '3' },
      { on: 'request', operation: 'append', name: 'present', value: '4' },
      { on: 'request', operation: 'remove', name: 'gone', value: '' },
      { on: 'request', operation: 'remove', name: 'again', value: '' },
      { on: 'request', operation: 'append', name: 'again', value: '5' },
      { on: 'response', operation: 'replace', name: 'r', value: '6' },
      { on: 'response', operation: 'append', name: 'r', value: '7' },
      { on: 'response', operation: 'remove', name: 'x', value: '' },
    ],
  }
  const { answer } = await answered(t, { directive: operations }, {}, { present: 'p', again: 'q' })
  t.same(answer?.ok_response, {
    headers: [
      option('a', '1', 'set'),
      option('absent', '2', 'set'),
      option('absent', '3', 'append'),
      option('present', '4', 'append'),
      option('again', '5', 'set'),
    ],
    headers_to_remove: ['gone'],
    response_headers_to_add: [option('r', '6', 'set'), option('r', '7', 'append')],
  })
})

t.test('ext_authz denies with the status of the code and says why', async t => {
  for (const [code, status, body] of [
    [7, 403, 'PERMISSION_DENIED:h:no'],
    [16, 401, 'UNAUTHENTICATED:h:no'],
    [8, 429, 'RESOURCE_EXHAUSTED:h:no'],
    [1, 408, 'CANCELLED:h:no'],
    [9, 400, 'FAILED_PRECONDITION:h:no'],
    [99, 500, 'CODE_99:h:no'],
  ] as const) {
    const { answer } = await answered(t, { code, message: 'h:no' })
    t.match(answer, {
      status: { code, message: 'h:no' },
      denied_response: { status: { code: status }, body },
    })
  }
  const { answer } = await answered(t, { code: 16 }, { options: { wwwAuthenticate: 'Bearer' } })
  t.match(answer, { denied_response: { headers: [option('www-authenticate', 'Bearer', 'set')] } })
})

t.test('ext_authz gives a direct answer even to an allowed request', async t => {
  const directive: Decided['directive'] = {
    directStatus: 302,
    directBody: 'moved',
    operations: [
      { on: 'response', operation: 'replace', name: 'location', value: '/x' },
      { on: 'response', operation: 'append', name: 'set-cookie', value: 'a' },
      { on: 'request', operation: 'replace', name: 'ignored', value: '' },
    ],
  }
  for (const code of [0, 16]) {
    const { answer } = await answered(t, { code, directive })
    t.same(answer?.denied_response, {
      status: { code: 302 },
      headers: [option('location', '/x', 'set'), option('set-cookie', 'a', 'append')],
      body: 'moved',
    })
    t.match(answer?.status, { code: code === 0 ? 7 : code })
  }
  const odd = await answered(t, { code: 7, directive: { ...directive, directStatus: 418 } })
  t.match(odd.answer, { denied_response: { status: { code: 400 } } }, 'Envoy knows no 418')
})

t.test('ext_authz charges the configured quotas and answers 429 when one is exhausted', async t => {
  let asked: CheckRequest | undefined
  const quota = (name: string, amount: bigint, code = 0) => ({
    name,
    amount,
    code,
    message: '',
    validForMs: 0,
  })
  const { ask } = await door(t, {
    options: { retryAfterSeconds: 3 },
    charges: () => new Map([['requests', 2n]]),
    check: (bag, request) => {
      asked = request
      const { references } = bag
      const quotas = [quota('requests', 0n), quota('away', 0n, 14), quota('fine', 1n)]
      return decided(bag, { quotas: quotas.map(one => ({ ...one, references })) })
    },
  })
  const { answer } = await ask({})
  t.match(asked, { door: 'ext_authz', quotas: [{ name: 'requests', amount: 2n, bestEffort: false }] })
  t.match(answer, {
    status: { code: 8, message: 'Quota is exhausted for: requests' },
    denied_response: { status: { code: 429 }, headers: [option('retry-after', '3', 'set')] },
  })
})

t.test('ext_authz tells of the decision in dynamic metadata', async t => {
  const change = {
    code: 7,
    message: 'h:no',
    metadata: { rule: 'r', weight: 2, code: 'mine' },
    fromCache: true,
  }
  const plain = await answered(t, change)
  t.same(plain.answer?.dynamic_metadata, {
    fields: {
      rule: { stringValue: 'r', kind: 'stringValue' },
      weight: { numberValue: 2, kind: 'numberValue' },
      code: { numberValue: 7, kind: 'numberValue' },
      message: { stringValue: 'h:no', kind: 'stringValue' },
    },
  })
  const shown = await answered(t, change, { options: { cacheFacts: 'shown' } })
  t.match(shown.answer?.dynamic_metadata, {
    fields: { from_cache: { boolValue: true }, valid_for_ms: { numberValue: 60_000 } },
  })
})

t.test('ext_authz makes an undecided check an RPC error, or an error_response', async t => {
  const undecided = (reason: 'OVERLOADED' | 'DEADLINE' | 'CHECK_FAILED'): Setup => ({
    check: () => ({ kind: 'undecided', reason, message: 'why' }),
  })
  for (const [reason, code] of [
    ['OVERLOADED', 14],
    ['DEADLINE', 4],
    ['CHECK_FAILED', 13],
  ] as const) {
    t.match(await (await door(t, undecided(reason))).ask({}), { code, answer: undefined })
    const options = { undecided: 'error-response' } as const
    const { answer } = await (await door(t, { ...undecided(reason), options })).ask({})
    t.match(answer, { status: { code }, error_response: { status: { code: code === 4 ? 504 : 503 } } })
  }
})

t.test('ext_authz never makes an allow of a status that was forgotten', async t => {
  const broken: unknown = { code: undefined }
  const { code, details } = await answered(t, broken as Partial<Decided>)
  t.match({ code, details }, { code: 13, details: 'the check ended without a status' })
})

t.test('ext_authz answers malformed bytes with INVALID_ARGUMENT', async t => {
  const { raw, counts } = await door(t, {})
  t.equal((await raw(Buffer.from([0x0a, 0x7f, 0x00]))).code, 3)
  t.equal(counts.get('door_malformed{door="ext_authz"}'), 1)
  // AttributeContext.metadata_context.filter_metadata[""].fields[""] = a list in a list in a list ...
  const wrap = (field: number, content: Buffer): Buffer => {
    const writer = new WireWriter()
    writer.bytes(field, content)
    return writer.finish()
  }
  let deep = wrap(3, Buffer.from('x'))
  for (let depth = 0; depth < 2_000; depth++) deep = wrap(6, wrap(1, deep))
  const bytes = [2, 1, 2, 1, 11, 1].reduce((content, field) => wrap(field, content), deep)
  t.match(await raw(bytes), { code: 3, details: /deeper/ })
})
