import t from 'tap'
import { document, handler, instance, rule } from './support/documents.js'
import { envoy } from './support/envoy.js'
import { load, shown } from './support/load.js'
import { missing } from './support/needed.js'
import { adapter, eventually, folder, host, module } from './support/outboard.js'
import { seenUpstream } from './support/upstream.js'

const skip = missing('envoy')

/** Four adapters as processes of their own, a host, Envoy, and something behind it. */
t.test('Envoy asks, adapters in their own processes answer', { skip: skip ?? false }, async t => {
  const place = folder(t)
  const [lists, gates] = [`unix://${place}/lists.sock`, `unix://${place}/gates.sock`]
  const logins = `unix://${place}/logins.sock`
  const quotas = '127.0.0.1:0'
  const [, , counter] = await Promise.all([
    adapter(t, lists, 'listchecker'),
    adapter(t, gates, 'denier'),
    adapter(t, quotas, 'memquota'),
    adapter(t, logins, module('login-adapter')),
  ])
  const [, quotaAddress = ''] = await counter.says(/ at (\S+)\n/)
  const { address } = await host(t, [
    ...callers(lists),
    ...closed(gates),
    ...limited(quotaAddress),
    ...login(logins),
  ])
  const proxy = await envoy(t, address)
  const get = (path: string, user: string) => fetch(proxy.web + path, { headers: { user } })

  t.test('a known caller reaches the upstream, with the header that the rule adds', async t => {
    const before = proxy.upstream.requests
    const response = await get('/shop/cart', 'alice')
    t.equal(response.status, 200)
    t.equal(response.headers.get('x-checked-by'), 'outboard', 'and the response has a header of the rule')
    t.match(await seenUpstream(response), { user: 'alice', 'x-caller': 'alice' })
    t.equal(proxy.upstream.requests, before + 1)
  })

  t.test('a header that the client sends is replaced, not joined', async t => {
    const response = await fetch(`${proxy.web}/shop`, { headers: { user: 'bob', 'x-caller': 'somebody' } })
    t.equal((await seenUpstream(response))['x-caller'], 'bob')
  })

  t.test('an unknown caller is refused before the upstream', async t => {
    const before = proxy.upstream.requests
    const response = await get('/shop/cart', 'mallory')
    t.equal(response.status, 403)
    t.match(await response.text(), 'mallory is not whitelisted')
    t.equal(proxy.upstream.requests, before)
  })

  t.test('a denial brings its own status, body and headers', async t => {
    const response = await get('/closed', 'alice')
    t.equal(response.status, 410)
    t.equal(await response.text(), 'closed for the night')
    t.equal(response.headers.get('x-reason'), 'night')
    t.equal(response.headers.get('x-reopens'), 'tomorrow')
  })

  t.test('a denial sets as many cookies as it likes', async t => {
    const response = await fetch(`${proxy.web}/login`, { redirect: 'manual' })
    t.equal(response.status, 302)
    t.equal(response.headers.get('location'), 'https://login.example/')
    t.same(response.headers.getSetCookie(), ['session=none; Path=/', 'return=/login; Path=/'])
  })

  t.test('what no rule is about passes', async t => {
    t.equal((await get('/elsewhere', 'mallory')).status, 200)
  })

  t.test('of many requests at once exactly the quota passes', async t => {
    const options = { count: 60, atOnce: 12, headers: { user: 'carol' } }
    const tally = await load([`${proxy.web}/limited`], options)
    t.same(tally, { 200: 25, 429: 35 }, `a quota of 25, 60 requests: ${shown(tally)}`)
    const other = await load([`${proxy.web}/limited`], { ...options, count: 10, headers: { user: 'dave' } })
    t.same(other, { 200: 10 }, `another caller has a counter of their own: ${shown(other)}`)
    const refused = await get('/limited', 'carol')
    t.match(await refused.text(), /^RESOURCE_EXHAUSTED:Quota is exhausted for: requestcount/)
  })

  t.test('the decision is in the dynamic metadata, for later filters and for access logs', async t => {
    await get('/shop/metadata', 'mallory')
    const line = () => proxy.textLog().find(text => text.startsWith('/shop/metadata '))
    await eventually(() => line() !== undefined, 'the text access log has the request')
    const [, status, details, metadata = ''] = /^\S+ (\S+) (\S+) (.*)$/.exec(line() ?? '') ?? []
    t.same([status, details], ['403', 'ext_authz_denied'])
    t.match(JSON.parse(metadata), { code: 7, message: /mallory is not whitelisted/ })
  })

  t.test('Envoy counts what Outboard said, and no errors', async t => {
    t.equal(await proxy.stat(/^http\.web\.ext_authz\.web\.error$/), 0)
    t.equal(await proxy.stat(/^http\.web\.ext_authz\.web\.ok$/), 38)
    t.equal(await proxy.stat(/^http\.web\.ext_authz\.web\.denied$/), 40)
  })
})

function callers(address: string): string[] {
  const operation = 'REPLACE'
  return [
    handler({ name: 'callers', adapter: 'listchecker', address, params: { overrides: ['alice', 'bob'] } }),
    instance('caller', 'listentry', { value: 'request.headers["user"] | "nobody"' }),
    rule('known-callers', 'request.url_path.startsWith("/shop")', ['callers', 'caller'], {
      requestHeaderOperations: [{ name: 'x-caller', values: ['request.headers["user"]'], operation }],
      responseHeaderOperations: [{ name: 'x-checked-by', values: ['"outboard"'], operation }],
    }),
  ]
}

function closed(address: string): string[] {
  const direct = {
    '@type': 'type.googleapis.com/istio.policy.v1beta1.DirectHttpResponse',
    code: 'Gone',
    body: 'closed for the night',
    headers: { 'x-reason': 'night', 'x-reopens': 'tomorrow' },
  }
  const params = { status: { code: 5, message: 'gone', details: [direct] } }
  return [
    handler({ name: 'gate', adapter: 'denier', address, params }),
    instance('nothing', 'checknothing', {}),
    rule('closed', 'request.url_path == "/closed"', ['gate', 'nothing']),
  ]
}

function login(address: string): string[] {
  return [
    document('handler', 'login', { adapter: 'login', connection: { address }, params: {} }),
    instance('anybody', 'checknothing', {}),
    rule('login', 'request.url_path == "/login"', ['login', 'anybody']),
  ]
}

function limited(address: string): string[] {
  const quota = { name: 'requestcount.instance.istio-system', maxAmount: 25, validDuration: '3600s' }
  return [
    handler({ name: 'rate', adapter: 'memquota', address, params: { quotas: [quota] } }),
    instance('requestcount', 'quota', { dimensions: { caller: 'request.headers["user"] | "nobody"' } }),
    rule('rate', 'request.url_path == "/limited"', ['rate', 'requestcount']),
    document('QuotaSpec', 'requestcount', {
      rules: [
        {
          match: [{ clause: { 'request.url_path': { exact: '/limited' } } }],
          quotas: [{ quota: 'requestcount', charge: 1 }],
        },
      ],
    }),
    document('QuotaSpecBinding', 'requestcount', {
      quotaSpecs: [{ name: 'requestcount', namespace: 'istio-system' }],
      services: [{ service: '*' }],
    }),
  ]
}
