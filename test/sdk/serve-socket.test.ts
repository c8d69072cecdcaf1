import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { connect as tlsConnect } from 'node:tls'
import { encodeHostFrame, socketFrame } from '@outboard/adapters-sdk/protocol'
import { type Served, type ServeOptions, serve } from '@outboard/adapters-sdk/serve'
import t, { type Test } from 'tap'
import { ManualClock } from '../support/manual-clock.js'
import { stagedAdapter } from './support/adapters.js'
import { check } from './support/memory-session.js'
import { hello, RawHost, RawSocketHost, socketRequest } from './support/raw-host.js'

async function started(t: Test, options: ServeOptions = {}): Promise<{ served: Served; lines: string[] }> {
  const lines: string[] = []
  const served = await serve(stagedAdapter().adapter, {
    log: line => lines.push(line),
    lingerMs: 0,
    drainGraceMs: 200,
    ...options,
  })
  t.teardown(() => served.close())
  return { served, lines }
}

function dialled(t: Test, address: string, request?: string): RawSocketHost {
  const host = RawSocketHost.to(address, request)
  t.teardown(() => host.cut())
  return host
}

const configure = {
  kind: 'configure',
  handler: 1,
  generation: 1,
  id: 'h',
  adapter: '',
  settings: '{"allowed":["ada"]}',
  instances: [],
} as const

t.test('An HTTP/1.1 connection becomes a socket of frames, and carries a whole session', async t => {
  const { served } = await started(t)
  const host = dialled(t, served.address)
  host.send(hello)
  t.match(await host.head, /^HTTP\/1\.1 101 .*\r\nConnection: Upgrade\r\nUpgrade: outboard-session$/)
  const said = await host.expect('hello')
  t.ok(said.features.includes('socket'), 'the hello offers what it is on')
  host.send(configure)
  await host.expect('ready')
  host.send({ kind: 'calls', calls: [check(1, 'ada'), check(2, 'bob')] })
  t.match(await host.expect('results'), {
    results: [
      { id: 1, verdict: { kind: 'allow' } },
      { id: 2, verdict: { kind: 'deny' } },
    ],
  })
  host.send({ kind: 'drain', reason: 'done' })
  t.match(await host.expect('close'), { code: 'DRAINED' })
  t.equal(await host.end(), 'end')
})

t.test('The hello may come with the request, and in pieces', async t => {
  const { served } = await started(t)
  const host = dialled(t, served.address, '')
  const request = socketRequest()
  host.sendBare(request.slice(0, 10))
  host.sendBare(request.slice(10))
  host.send(hello)
  await host.expect('hello')
  host.send({ kind: 'ping', nonce: 5 })
  t.match(await host.expect('pong'), { nonce: 5 })
})

t.test('A request for anything else is answered as HTTP answers it', async t => {
  const { served } = await started(t)
  const cases = [
    [socketRequest('/elsewhere'), /^HTTP\/1\.1 404 /],
    [socketRequest(undefined, 'websocket'), /^HTTP\/1\.1 426 /],
    ['GET / HTTP/1.1\r\nHost: adapter\r\n\r\n', /^HTTP\/1\.1 426 [\s\S]*Upgrade: outboard-session/i],
    ['GET nonsense\r\n\r\n', /^HTTP\/1\.1 400 /],
    [`GET / HTTP/1.1\r\nHost: a\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`, /^HTTP\/1\.1 431 /],
  ] as const
  for (const [request, answer] of cases) {
    const host = dialled(t, served.address, request)
    t.match(await host.head, answer)
    await host.end()
  }
  const grpc = new RawHost(served.address)
  t.teardown(() => grpc.cut())
  grpc.send(hello)
  await grpc.expect('hello')
})

t.test('A frame above the limit is refused by its length; its host hears why', async t => {
  const { served, lines } = await started(t, { session: { limits: { frameBytes: 10_000 } } })
  const host = dialled(t, served.address)
  host.send(hello)
  await host.expect('hello')
  host.sendBare(Buffer.from([0x7f, 0xff, 0xff, 0xff, 1, 2, 3]))
  t.match(await host.expect('close'), { code: 'PROTOCOL_FRAME_TOO_LARGE' })
  await host.end()
  t.match(lines.at(-1), /A session of 127\.0\.0\.1:\d+ was ended: PROTOCOL_FRAME_TOO_LARGE/)
})

t.test('Half a frame, and then the end: the session is over, and others go on', async t => {
  const { served } = await started(t)
  const [half, other] = [dialled(t, served.address), dialled(t, served.address)]
  for (const host of [half, other]) {
    host.send(hello)
    await host.expect('hello')
  }
  half.sendBare(Buffer.from([0, 0, 1, 0, 5]))
  half.cut()
  other.send({ kind: 'ping', nonce: 1 })
  t.match(await other.expect('pong'), { nonce: 1 })
})

t.test('A connection that says nothing, or never asks on, is cut after the handshake time', async t => {
  const clock = new ManualClock()
  const { served } = await started(t, { session: { clock, handshakeMs: 1_000 } })
  const silent = dialled(t, served.address, '')
  const halfAsked = dialled(t, served.address, 'GET /outboard')
  const lively = dialled(t, served.address)
  lively.send(hello)
  await lively.expect('hello')
  // The one that asked has been taken by now, and was the last to connect.
  clock.advance(1_000)
  await Promise.all([silent.end(), halfAsked.end()])
  lively.send({ kind: 'ping', nonce: 2 })
  t.match(await lively.expect('pong'), { nonce: 2 })
  const late = dialled(t, served.address)
  await late.head
  clock.advance(1_000)
  t.match(
    await late.expect('close'),
    { code: 'PROTOCOL_HANDSHAKE_TIMEOUT' },
    'without a hello it is no session',
  )
})

t.test('One that is refused and does not go is cut after the handshake time', async t => {
  const clock = new ManualClock()
  const { served } = await started(t, { session: { clock, handshakeMs: 1_000 } })
  const socket = connect({
    host: '127.0.0.1',
    port: Number(served.address.split(':')[1]),
    allowHalfOpen: true,
  })
  const host = new RawSocketHost(socket, socketRequest('/elsewhere'))
  t.teardown(() => host.cut())
  t.match(await host.head, /^HTTP\/1\.1 404 /)
  await host.end()
  clock.advance(1_000)
  // What is written to a socket that is gone comes back as an error.
  while (!socket.destroyed) {
    host.sendBare('still here')
    await new Promise(resolve => setImmediate(resolve))
  }
  t.pass('the adapter let go of it')
})

t.test('Sessions on sockets and on streams are counted together', async t => {
  const { served } = await started(t, { maxSessions: 1 })
  const first = new RawHost(served.address)
  t.teardown(() => first.cut())
  first.send(hello)
  await first.expect('hello')
  const second = dialled(t, served.address)
  t.match(await second.head, /^HTTP\/1\.1 503 /)
  await second.end()
})

t.test('A server that drains asks hosts on sockets to stop, and ends when they have', async t => {
  const { served } = await started(t, { drainGraceMs: 60_000 })
  const host = dialled(t, served.address)
  host.send(hello)
  await host.expect('hello')
  const drained = served.drain('an upgrade')
  t.match(await host.expect('drain'), { reason: 'an upgrade' })
  host.send({ kind: 'drain', reason: 'agreed' })
  t.match(await host.expect('close'), { code: 'DRAINED' })
  await drained
  await new Promise<void>(resolve => {
    const [name = '', port] = served.address.split(':')
    connect(Number(port), name).once('error', () => resolve())
  })
})

t.test('A host that never lets go of its socket does not keep a closing server', async t => {
  const { served } = await started(t)
  const socket = connect({
    host: '127.0.0.1',
    port: Number(served.address.split(':')[1]),
    allowHalfOpen: true,
  })
  const host = new RawSocketHost(socket)
  t.teardown(() => host.cut())
  host.send(hello)
  await host.expect('hello')
  await served.close()
  t.match(await host.expect('close'), { code: 'SHUTDOWN' })
})

t.test('A host that floods a socket and never reads is not read any more', async t => {
  const { served } = await started(t)
  const socket = connect({ host: '127.0.0.1', port: Number(served.address.split(':')[1]) })
  const host = new RawSocketHost(socket)
  t.teardown(() => host.cut())
  host.send(hello)
  await host.expect('hello')
  socket.pause()
  const before = process.memoryUsage().rss
  const other = dialled(t, served.address)
  other.send(hello)
  await other.expect('hello')
  const pings = Buffer.concat(
    Array.from({ length: 1_000 }, () => socketFrame(encodeHostFrame({ kind: 'ping', nonce: 2 ** 50 }))),
  )
  // Written until nothing of it leaves while another host is answered a hundred times.
  let left = 0
  for (let beats = 0; beats < 100; beats++) {
    while (socket.writableLength < 4_000_000) host.sendBare(pings)
    if (socket.writableLength !== left) beats = 0
    left = socket.writableLength
    other.send({ kind: 'ping', nonce: beats })
    await other.expect('pong')
  }
  t.ok(socket.writableLength >= 4_000_000, 'the adapter has stopped reading')
  t.ok(process.memoryUsage().rss - before < 200_000_000, 'both ends together')
})

t.test('With TLS, ALPN tells what a connection speaks', async t => {
  const file = (name: string) => join('test/fixtures/tls', name)
  const { served } = await started(t, {
    tls: { certificate: file('adapter.pem'), privateKey: file('adapter.key') },
  })
  const socket = tlsConnect({
    host: '127.0.0.1',
    port: Number(served.address.split(':')[1]),
    ca: readFileSync(file('ca.pem')),
    servername: 'localhost',
    ALPNProtocols: ['http/1.1'],
  })
  const host = new RawSocketHost(socket)
  t.teardown(() => host.cut())
  host.send(hello)
  await host.expect('hello')
  const plain = dialled(t, served.address)
  t.not(await plain.end(), '', 'plain text gets nothing')
})
