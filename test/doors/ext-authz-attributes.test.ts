import t, { type Test } from 'tap'
import { Instant } from '../../src/mixer/attributes/index.js'
import type { ExtAuthzOptions } from '../../src/mixer/doors/ext-authz/options.js'
import { WireWriter } from '../../src/mixer/doors/wire/writer.js'
import { door } from './ext-authz-door.js'
import { contents, decided } from './support.js'

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
