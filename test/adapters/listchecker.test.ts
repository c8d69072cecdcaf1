import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Handler, Value } from '@outboard/adapters-sdk'
import t from 'tap'
import { makeListchecker } from '../../src/adapters/list/adapter.js'
import { callWith, FakeHost, instanceOf, int, ip, opener, rejection, text } from './support/fakes.js'

/** What a helper needs of the test that runs. */
interface Scope {
  teardown(fn: () => unknown): unknown
}

type Respond = (request: IncomingMessage, response: ServerResponse) => void

/** A list provider on this machine whose answer a test can change. */
async function provider(t: Scope, respond: Respond) {
  const state = { respond, requests: 0, url: '' }
  const server = createServer((request, response) => {
    state.requests++
    state.respond(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('expected a port')
  state.url = `http://127.0.0.1:${address.port}/list`
  return state
}

const body =
  (content: string): Respond =>
  (_request, response) =>
    response.end(content)

/** A handler of a new listchecker on a clock of its own. */
async function open(t: Scope, settings: Record<string, unknown>) {
  const host = new FakeHost()
  // The fetches' own limit is another length than the other delays, so that a test can wait for those.
  const handler = await opener(t, makeListchecker(host.time))({ fetch_timeout: '3s', ...settings }, host)
  return { host, handler, time: host.time }
}

function check(handler: Handler, value: Value | undefined) {
  return handler.check(
    instanceOf('listentry', 'l.instance.test', value === undefined ? {} : { value }),
    callWith(),
  )
}

t.test('listchecker allows what is on a whitelist and denies the rest', async t => {
  const { handler } = await open(t, { overrides: ['good'], caching_interval: '30s', caching_use_count: 7 })
  const caching = { kind: 'valid', forMs: 30_000, uses: 7 }
  t.match(await check(handler, text('good')), { kind: 'allow', caching })
  t.match(await check(handler, text('bad')), {
    kind: 'deny',
    code: 7,
    message: 'bad is not whitelisted',
    caching,
  })
})

t.test('listchecker denies what is on a blacklist and allows the rest', async t => {
  const { handler } = await open(t, { overrides: ['bad'], blacklist: true })
  t.match(await check(handler, text('good')), { kind: 'allow', caching: { forMs: 300_000, uses: 10_000 } })
  t.match(await check(handler, text('bad')), { kind: 'deny', code: 7, message: 'bad is blacklisted' })
})

t.test('listchecker answers INVALID_ARGUMENT for values that no list holds', async t => {
  const strings = await open(t, { overrides: ['x'], blacklist: true })
  for (const value of [undefined, text(''), int(5), { type: 'BOOL', value: true } as const]) {
    t.match(await check(strings.handler, value), { kind: 'deny', code: 3, caching: { kind: 'valid' } })
  }
  const addresses = await open(t, { overrides: ['10.0.0.0/8'], entry_type: 'IP_ADDRESSES', blacklist: true })
  t.match(await check(addresses.handler, text('host')), {
    kind: 'deny',
    code: 3,
    message: /host is not an IP/,
  })
})

t.test('listchecker looks addresses up as bytes and as text, of both families', async t => {
  const { handler } = await open(t, { overrides: ['10.0.0.0/8', '2001:db8::1'], entryType: 'IP_ADDRESSES' })
  const six = (last: number) => ip(0x20, 1, 0x0d, 0xb8, ...new Array<number>(11).fill(0), last)
  t.match(await check(handler, ip(10, 1, 2, 3)), { kind: 'allow' })
  t.match(await check(handler, text('10.9.9.9')), { kind: 'allow' })
  t.match(await check(handler, ip(11, 0, 0, 1)), { kind: 'deny', message: '11.0.0.1 is not whitelisted' })
  t.match(await check(handler, six(1)), { kind: 'allow' })
  t.match(await check(handler, six(2)), { kind: 'deny', message: '2001:db8::2 is not whitelisted' }, 'no /32')
})

t.test('listchecker holds the provider’s entries and the overrides', async t => {
  const source = await provider(t, body('a\nb\n'))
  const { handler, host } = await open(t, { provider_url: source.url, overrides: ['c'] })
  for (const value of ['a', 'b', 'c']) t.match(await check(handler, text(value)), { kind: 'allow' }, value)
  t.match(await check(handler, text('d')), { kind: 'deny' })
  t.match(host.logged, ['info: the list holds 3 entries'])
})

t.test(
  'listchecker fetches again after each refresh interval and withdraws its answers on a change',
  async t => {
    const source = await provider(t, body('a'))
    const { handler, host, time } = await open(t, { provider_url: source.url, refresh_interval: '10s' })
    t.same(host.invalidated.length, 1)
    time.advance(9_999)
    t.equal(source.requests, 1)
    source.respond = body('b')
    time.advance(1)
    await host.loggedAtLeast(2)
    t.match(await check(handler, text('b')), { kind: 'allow' })
    t.match(await check(handler, text('a')), { kind: 'deny' })
    t.same(host.invalidated, [undefined, undefined], 'the whole handler, once more')
  },
)

t.test('an unchanged list renews its life and withdraws nothing', async t => {
  const source = await provider(t, body('a'))
  const { handler, host, time } = await open(t, {
    provider_url: source.url,
    refresh_interval: '10s',
    ttl: '15s',
  })
  for (let i = 0; i < 4; i++) {
    time.advance(10_000)
    // The next fetch is planned when this one has been taken.
    await time.armed(10_000, i + 2)
  }
  t.match(await check(handler, text('a')), { kind: 'allow' }, 'forty seconds later')
  t.equal(host.invalidated.length, 1, 'only the first list')
})

t.test(
  'a failed fetch keeps the list until its ttl has passed; then answers are failed, never an allow',
  async t => {
    for (const blacklist of [false, true]) {
      const source = await provider(t, body('a'))
      const settings = { provider_url: source.url, refresh_interval: '10s', ttl: '15s', blacklist }
      const { handler, host, time } = await open(t, settings)
      source.respond = (_request, response) => response.writeHead(503).end()
      time.advance(10_000)
      await time.armed(10_000, 2)
      t.match(
        host.logged[1],
        /^warn: Cannot fetch the list from http:\/\/127\.0\.0\.1:\d+\/list: .*status 503/,
      )
      t.match(await check(handler, text('a')), { kind: blacklist ? 'deny' : 'allow' })
      time.advance(5_000)
      t.match(await check(handler, text('a')), {
        kind: 'failed',
        error: { code: 'ADAPTER_UNAVAILABLE', message: /expired: .*status 503/ },
      })
      t.match(await check(handler, text('other')), { kind: 'failed' })
      t.equal(host.invalidated.length, 2, 'the answers given from the list are withdrawn')
      source.respond = body('a')
      time.advance(5_000)
      await time.armed(10_000, 3)
      t.match(await check(handler, text('a')), { kind: blacklist ? 'deny' : 'allow' }, 'and it comes back')
    }
  },
)

t.test('a list that was never fetched is opened all the same, and answers failed', async t => {
  const source = await provider(t, (_request, response) => response.writeHead(404).end())
  const { handler, host } = await open(t, { provider_url: source.url, overrides: ['a'] })
  t.match(await check(handler, text('a')), { kind: 'failed', error: { message: /status 404/ } })
  t.same(host.invalidated, [])
})

t.test('an answer that is no list keeps the one in force', async t => {
  const source = await provider(t, body('whitelist: [10.0.0.1]'))
  const { handler, host, time } = await open(t, {
    provider_url: source.url,
    entry_type: 'IP_ADDRESSES',
    refresh_interval: '10s',
  })
  for (const [i, wrong] of ['whitelist: [nonsense]', '- 10.0.0.2', 'whitelist: ['].entries()) {
    source.respond = body(wrong)
    time.advance(10_000)
    await host.loggedAtLeast(2 + i)
    await time.armed(10_000, 2 + i)
    t.match(await check(handler, text('10.0.0.1')), { kind: 'allow' }, wrong)
  }
  t.equal(host.invalidated.length, 1)
})

t.test('a provider that is slow, endless or gone costs a bounded fetch', async t => {
  const silent = await provider(t, () => {})
  const host = new FakeHost()
  const opening = makeListchecker(host.time).open({ provider_url: silent.url, fetch_timeout: '2s' }, host)
  while (silent.requests === 0) await new Promise(resolve => setImmediate(resolve))
  host.time.advance(2_000)
  const slow = await opening
  t.match(await check(slow, text('a')), { kind: 'failed', error: { message: /within 2000 ms/ } })
  await slow.close()
  t.equal(host.time.pending, 0, 'a closed handler leaves no timer')

  let closed = false
  const endless = await provider(t, (_request, response) => {
    response.on('close', () => {
      closed = true
    })
    const pour = (): void => {
      while (!response.destroyed && response.write('x'.repeat(10_000)));
      if (!response.destroyed) response.once('drain', pour)
    }
    pour()
  })
  const big = await open(t, { provider_url: endless.url, max_list_bytes: 100_000 })
  t.match(await check(big.handler, text('a')), {
    kind: 'failed',
    error: { message: /larger than 100000 bytes/ },
  })
  while (!closed) await new Promise(resolve => setImmediate(resolve))
  t.ok(closed, 'the transfer was broken off')

  const gone = await open(t, { provider_url: 'http://127.0.0.1:1/' })
  t.match(await check(gone.handler, text('a')), {
    kind: 'failed',
    error: { message: /ECONNREFUSED|bad port/ },
  })
})

t.test('listchecker follows redirects and sends the URL’s credentials, which it never logs', async t => {
  let authorization: string | undefined
  const source = await provider(t, (request, response) => {
    if (request.url === '/list') {
      authorization = request.headers.authorization
      response.writeHead(302, { location: '/real' }).end()
    } else response.end('a')
  })
  const { handler } = await open(t, { provider_url: source.url.replace('//', '//user:p%40ss@') })
  t.match(await check(handler, text('a')), { kind: 'allow' })
  t.equal(authorization, `Basic ${Buffer.from('user:p@ss').toString('base64')}`)

  source.respond = (_request, response) => response.writeHead(500).end()
  const failing = await open(t, { provider_url: `${source.url.replace('//', '//user:p%40ss@')}?token=t0ken` })
  t.match(await check(failing.handler, text('a')), { kind: 'failed', error: { message: /status 500/ } })
  t.notMatch(failing.host.logged.join('\n'), /p%40ss|p@ss|t0ken/)
})

t.test('lines that end with a carriage return count as they are, and are told of', async t => {
  const source = await provider(t, body('a\r\nb\r\n'))
  const { handler, host } = await open(t, { provider_url: source.url })
  t.match(await check(handler, text('a')), { kind: 'deny' })
  t.match(host.logged[0], /warn: .*carriage return/)
})

t.test('listchecker refuses settings that cannot work, with their paths', async t => {
  const url = 'http://127.0.0.1/'
  const cases: [unknown, RegExp][] = [
    [{ provider_url: 'ftp://x/' }, /^providerUrl: /],
    [{ provider_url: '/only/a/path' }, /^providerUrl: /],
    [{ provider_url: url, refresh_interval: '0.5s' }, /^refreshInterval: /],
    [{ provider_url: url, ttl: '30s' }, /^ttl: /],
    [{ caching_interval: '-1s' }, /^cachingInterval: /],
    [{ caching_use_count: -1 }, /^cachingUseCount: /],
    [{ entry_type: 'REGEX', overrides: ['a', '('] }, /^overrides\[1\]: /],
    [{ entry_type: 'IP_ADDRESSES', overrides: ['x'] }, /^overrides\[0\]: /],
    [{ entry_type: 'NUMBERS' }, /^entryType: /],
  ]
  for (const [settings, message] of cases) {
    t.match(await rejection(makeListchecker(new FakeHost().time).open(settings, new FakeHost())), { message })
  }
})
