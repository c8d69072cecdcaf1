import { once } from 'node:events'
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { type AdminSources, type Condition, openAdmin, readiness } from '../../src/mixer/admin/index.js'
import type { LogLevel } from '../../src/mixer/telemetry/index.js'

interface Answer {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly body: string
}

function ask(
  address: string,
  path: string,
  {
    method = 'GET',
    headers = {},
    body = '',
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`http://${address}${path}`, { method, headers, agent: false }, incoming => {
      let text = ''
      incoming.setEncoding('utf8')
      incoming.on('data', chunk => {
        text += chunk
      })
      incoming.on('end', () =>
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: text }),
      )
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

async function admin(t: Test, more: Partial<AdminSources> = {}) {
  const flushed: unknown[] = []
  const log: { level: LogLevel } = { level: 'info' }
  const conditions: Condition[] = [{ name: 'configuration', met: true, reason: '' }]
  const running = await openAdmin(
    {
      version: 'outboard 1.2.3',
      metrics: () => 'x_total 1\n',
      readiness: () => readiness(conditions),
      status: () => ({ snapshot: { id: 3n, handlers: new Map([['h', 'ready']]) } }),
      configProblems: () => undefined,
      cache: {
        flush: (handler, key) => {
          if (handler === 'misspelt') return { kind: 'unknown', nearest: 'h' }
          if (handler === 'short') return { kind: 'ambiguous', ids: ['short.a', 'short.b'] }
          flushed.push([handler, key])
          return { kind: 'flushed', handler }
        },
        explain: () => ({ entries: 0 }),
      },
      log,
      ...more,
    },
    { port: 0 },
  )
  t.teardown(() => running.close())
  return { address: running.address, flushed, log, conditions }
}

t.test('each path answers what it is for', async t => {
  const { address } = await admin(t)
  t.match(await ask(address, '/metrics'), {
    status: 200,
    body: 'x_total 1\n',
    headers: { 'content-type': /^text\/plain; version=0.0.4/ },
  })
  t.match(await ask(address, '/healthz'), { status: 200, body: 'ok\n' })
  t.match(await ask(address, '/version'), { status: 200, body: 'outboard 1.2.3\n' })
  t.same(JSON.parse((await ask(address, '/status')).body), {
    snapshot: { id: '3', handlers: { h: 'ready' } },
  })
  t.same(JSON.parse((await ask(address, '/config/problems')).body), { refused: null })
  t.match(await ask(address, '/'), { status: 200, body: /POST +\/cache\/flush/ })
})

t.test('readiness follows its conditions and says which one is missing', async t => {
  const { address, conditions } = await admin(t)
  t.equal((await ask(address, '/readyz')).status, 200)
  conditions.push({ name: 'draining', met: false, reason: 'SIGTERM' })
  const answer = await ask(address, '/readyz')
  t.equal(answer.status, 503)
  t.match(JSON.parse(answer.body), {
    ready: false,
    conditions: [{ met: true }, { name: 'draining', reason: 'SIGTERM' }],
  })
})

t.test('the cache is flushed as a whole, by handler, and by key', async t => {
  const { address, flushed } = await admin(t)
  for (const query of ['', '?handler=h', '?handler=h&key=k%20k'])
    t.equal((await ask(address, `/cache/flush${query}`, { method: 'POST' })).status, 200)
  t.same(flushed, [
    [undefined, undefined],
    ['h', undefined],
    ['h', 'k k'],
  ])
  t.match(await ask(address, '/cache/flush?handler=misspelt', { method: 'POST' }), {
    status: 404,
    body: /ADMIN_UNKNOWN_HANDLER.*did you mean ."h."/s,
  })
  t.match(await ask(address, '/cache/flush?handler=short', { method: 'POST' }), {
    status: 400,
    body: /ADMIN_BAD_REQUEST.*short\.a, short\.b/s,
  })
  t.match(await ask(address, '/cache/flush?key=k', { method: 'POST' }), {
    status: 400,
    body: /ADMIN_BAD_REQUEST/,
  })
  t.match(await ask(address, '/cache/flush'), {
    status: 405,
    headers: { allow: 'POST' },
    body: /ADMIN_METHOD_NOT_ALLOWED/,
  })
})

t.test('without a cache the cache paths say so', async t => {
  const { address } = await admin(t, { cache: undefined })
  t.match(await ask(address, '/cache/explain'), { status: 404, body: /ADMIN_NO_CACHE/ })
})

t.test('the log level can be read and set, as a word or as JSON', async t => {
  const { address, log } = await admin(t)
  await ask(address, '/log/level', { method: 'PUT', body: 'debug' })
  t.equal(log.level, 'debug')
  await ask(address, '/log/level', { method: 'PUT', body: '{"level": "warn"}' })
  t.same(JSON.parse((await ask(address, '/log/level')).body), { level: 'warn' })
  t.match(await ask(address, '/log/level', { method: 'PUT', body: 'loud' }), {
    status: 400,
    body: /debug, info, warn/,
  })
  t.equal(log.level, 'warn')
})

t.test('a page of another site gets nothing, nor does a name that was pointed here', async t => {
  const { address, flushed } = await admin(t)
  const headers = { origin: 'http://evil.example' }
  t.match(await ask(address, '/cache/flush', { method: 'POST', headers }), {
    status: 403,
    body: /ADMIN_FORBIDDEN/,
  })
  const statusAs = async (host: string) => (await ask(address, '/status', { headers: { host } })).status
  for (const foreign of [
    'evil.example',
    'a.svc.evil.example',
    'a.svc.cluster.local.evil.example:15014',
    'svc.evil',
    'rebind.local',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
  ])
    t.equal(await statusAs(foreign), 403, foreign)
  for (const known of [
    'mixer.istio-system.svc.cluster.local:15014',
    'mixer.istio-system.svc',
    'Mixer:15014',
    'LOCALHOST:15014',
    'node.region.internal',
    '10.0.0.7:15014',
    '[::1]:15014',
  ])
    t.equal(await statusAs(known), 200, known)
  t.same(flushed, [])
})

t.test('bodies, paths and lines beyond the limits are refused, and the port lives on', async t => {
  const { address } = await admin(t)
  t.match(await ask(address, '/log/level', { method: 'PUT', body: 'x'.repeat(5_000) }), {
    status: 413,
    body: /ADMIN_TOO_LARGE/,
  })
  t.match(await ask(address, '/nothing/here'), { status: 404, body: /ADMIN_NOT_FOUND/ })
  t.equal((await ask(address, `/${'x'.repeat(20_000)}`)).status, 431)
  t.match(await ask(address, '//'), { status: 400, body: /ADMIN_BAD_REQUEST/ })
  const [host = '', port = ''] = address.split(':')
  const raw = await new Promise<string>(resolve => {
    const socket = connect(Number(port), host, () => socket.write('\u0000\u0001 rubbish\r\n\r\n'))
    let text = ''
    socket.on('data', chunk => {
      text += String(chunk)
    })
    socket.on('close', () => resolve(text))
  })
  t.match(raw, /^HTTP\/1\.1 400/)
  t.equal((await ask(address, '/healthz')).status, 200)
})

t.test('connections that say nothing keep nobody out, and cut no request short', async t => {
  const { address } = await admin(t)
  const [host = '', port = ''] = address.split(':')
  const open = async () => {
    const socket = connect(Number(port), host)
    t.teardown(() => socket.destroy())
    socket.on('error', () => {})
    socket.resume()
    await once(socket, 'connect')
    return socket
  }
  const slow = await open()
  let answered = ''
  slow.on('data', chunk => {
    answered += String(chunk)
  })
  slow.write('PUT /log/level HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nConnection: close\r\n\r\nde')
  t.equal((await ask(address, '/healthz')).status, 200)
  const first = await open()
  const gone = once(first, 'close')
  const silent: Socket[] = []
  for (let i = 0; i < 100; i++) silent.push(await open())
  t.equal((await ask(address, '/healthz')).status, 200)
  await gone
  t.equal(silent.at(-1)?.destroyed, false, 'the latest ones stay')
  slow.write('bug')
  await once(slow, 'close')
  t.match(answered, /^HTTP\/1\.1 200/)
})

t.test('an answer that cannot be made is an error of that request alone', async t => {
  const { address } = await admin(t, {
    status: () => {
      throw new Error('no status today')
    },
  })
  t.match(await ask(address, '/status'), { status: 500, body: /ADMIN_FAILED[\s\S]*no status today/ })
  t.equal((await ask(address, '/healthz')).status, 200)
})

t.test('a port that is taken is an error of opening', async t => {
  const { address } = await admin(t)
  const port = Number(address.split(':')[1])
  const sources: AdminSources = {
    version: '',
    metrics: () => '',
    readiness: () => readiness([]),
    status: () => ({}),
    configProblems: () => undefined,
    cache: undefined,
    log: { level: 'info' },
  }
  await t.rejects(openAdmin(sources, { port }), { code: 'EADDRINUSE' })
})
