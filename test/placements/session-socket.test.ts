import { connect, createServer, type Server } from 'node:net'
import t, { type Test } from 'tap'
import { systemClock } from '../../src/mixer/engine/clock.js'
import type { ConnectionSpec, PlacedHandler } from '../../src/mixer/engine/ports.js'
import { hostTarget } from '../../src/mixer/placements/endpoints/target.js'
import { HopSecurity } from '../../src/mixer/placements/security/hop-security.js'
import { upgrade } from '../../src/mixer/placements/session/upgrade.js'
import { asking, command } from '../contract/asking.js'
import { connection, serveContract, socketPath, tlsFile } from '../contract/serving.js'
import { listenForBoth, type PeerSocket, switching } from '../support/socket-peer.js'
import { Handlers, statusUntil } from './support/opened.js'
import { ScriptedAdapter, wellBehaved } from './support/scripted-adapter.js'

const onSocket = 'connected by session on a socket'
const onStream = 'connected by session on a gRPC stream'

function handlersFor(t: Test, options: ConstructorParameters<typeof Handlers>[0] = {}): Handlers {
  const handlers = new Handlers(options)
  t.teardown(() => handlers.close())
  return handlers
}

function portOf(server: Server): number {
  const place = server.address()
  return typeof place === 'object' && place !== null ? place.port : 0
}

const reasonOf = (handler: PlacedHandler) => handler.status().endpoints[0]?.reason

async function allows(t: Test, handler: PlacedHandler): Promise<void> {
  t.equal((await handler.check(command('allow'), asking())).kind, 'allow')
}

t.test('An adapter that offers sockets is asked on one', async t => {
  const served = await serveContract()
  t.teardown(() => served.close())
  const handler = await handlersFor(t).open('auto', [served.address])
  t.equal(reasonOf(handler), onSocket)
  await allows(t, handler)
})

t.test('With sessionCarrier grpc it is asked on a gRPC stream all the same', async t => {
  const served = await serveContract()
  t.teardown(() => served.close())
  const handler = await handlersFor(t, { sessionCarrier: 'grpc' }).open('auto', [served.address])
  t.equal(reasonOf(handler), onStream)
  await allows(t, handler)
})

t.test('An adapter whose hello offers no sockets is never asked for one', async t => {
  const adapter = await ScriptedAdapter.listen(wellBehaved)
  t.teardown(() => adapter.close())
  const handler = await handlersFor(t).open('session', [adapter.address])
  t.equal(reasonOf(handler), onStream)
  t.equal(adapter.sessions.length, 1, 'one session, and no second hello')
})

t.test('An adapter that takes one session only keeps the one on its stream', async t => {
  const served = await serveContract({ maxSessions: 1 })
  t.teardown(() => served.close())
  const handlers = handlersFor(t)
  const handler = await handlers.open('auto', [served.address])
  t.equal(reasonOf(handler), onStream)
  await allows(t, handler)
})

/** What stands in the way of sockets: each lets gRPC through. */
const obstacles: Readonly<Record<string, (socket: PeerSocket) => void>> = {
  'cuts what is not HTTP/2': socket => socket.cut(),
  'answers 403': socket => {
    socket.writeBare(Buffer.from('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'))
  },
  'upgrades to something else': socket => {
    const answer = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
    socket.writeBare(Buffer.from(answer))
  },
  'says nothing at all': () => {},
  'answers something that is no HTTP': socket => socket.writeBare(Buffer.alloc(100, 'x')),
  'answers without end': socket => {
    socket.writeBare(Buffer.from(`HTTP/1.1 101 Switching Protocols\r\n${'a: b\r\n'.repeat(20_000)}`))
  },
  'switches, and sends frames that are no hello': socket => {
    socket.writeBare(Buffer.from(switching))
    socket.write(Buffer.from([0xfa, 0x01, 0x00]))
  },
  'switches, and announces a frame without end': socket => {
    socket.writeBare(Buffer.from(switching))
    socket.writeBare(Buffer.from([0xff, 0xff, 0xff, 0xff]))
  },
  'switches, and says nothing': socket => socket.writeBare(Buffer.from(switching)),
}

for (const [name, obstacle] of Object.entries(obstacles)) {
  t.test(`Something in between that ${name} leaves the session on its stream`, async t => {
    const { address, remove } = socketPath()
    const served = await serveContract({ address })
    const between = await listenForBoth('127.0.0.1:0', {
      http2(socket) {
        const onward = connect(address.slice('unix:'.length))
        socket.pipe(onward).pipe(socket)
        socket.on('close', () => onward.destroy())
        onward.on('close', () => socket.destroy())
        onward.on('error', () => socket.destroy())
      },
      asked: () => undefined,
      opened: obstacle,
    })
    const handlers = handlersFor(t)
    t.teardown(async () => {
      await handlers.close()
      between.close()
      await served.close()
      remove()
    })
    const handler = await handlers.open('session', [between.address])
    await statusUntil(handler, ({ endpoints }) => endpoints[0]?.reason === onStream)
    await allows(t, handler)
  })
}

t.test('A second connection begins as a socket; one to an older adapter falls back at once', async t => {
  const { address, remove } = socketPath()
  t.teardown(remove)
  const first = await ScriptedAdapter.listen(wellBehaved, address, 'socket')
  const handler = await handlersFor(t).open('session', [address])
  t.equal(reasonOf(handler), onSocket)
  t.equal(first.greeted, 1, 'one hello on gRPC, which offered sockets')
  first.sessions[0]?.end()
  await statusUntil(
    handler,
    ({ endpoints }) => endpoints[0]?.reason === onSocket && first.sessions.length === 2,
  )
  t.equal(first.greeted, 1, 'none the second time')
  first.close()
  const older = await ScriptedAdapter.listen(wellBehaved, address, 'grpc')
  t.teardown(() => older.close())
  await statusUntil(handler, ({ endpoints }) => endpoints[0]?.reason === onStream)
  await allows(t, handler)
})

t.test('What a connection sends beside, a token, travels in the request for the socket', async t => {
  const heads: string[] = []
  const peer = await listenForBoth('127.0.0.1:0', {
    http2: socket => socket.destroy(),
    asked(head) {
      heads.push(head)
      return switching
    },
    opened: socket => t.teardown(() => socket.cut()),
  })
  t.teardown(() => peer.close())
  const asked = {
    target: hostTarget('here', 'adapter.example', '127.0.0.1', Number(peer.address.split(':')[1])),
    tls: undefined,
    headers: { 'x-api-key': 'abc' },
    waitMs: 5_000,
  }
  const { socket } = await upgrade(asked, systemClock, new AbortController().signal)
  socket.destroy()
  t.match(heads, [
    /^GET \/outboard\.adapter\.v1\.AdapterSession\/Open HTTP\/1\.1\r\nx-api-key: abc\r\nhost: adapter\.example/i,
  ])
  const unsendable = upgrade(
    { ...asked, headers: { 'x-api-key': 'a\nb' } },
    systemClock,
    new AbortController().signal,
  )
  await t.rejects(unsendable, { code: 'ADAPTER_UNAVAILABLE' })
})

t.test('With TLS a socket checks the adapter as gRPC does: its authority, and its name', async t => {
  const served = await serveContract({
    tls: { certificate: tlsFile('adapter.pem'), privateKey: tlsFile('adapter.key') },
  })
  t.teardown(() => served.close())
  const target = hostTarget('here', '127.0.0.1', '127.0.0.1', Number(served.address.split(':')[1]))
  const dial = (caCertificates: string, more: Partial<ConnectionSpec>) => {
    const authentication = {
      kind: 'tls',
      caCertificates: tlsFile(caCertificates),
      serverName: undefined,
      token: undefined,
    } as const
    const { tls } = new HopSecurity(
      connection(served.address, { authentication, ...more }),
      systemClock,
    ).dial(target)
    return upgrade({ target, tls, headers: {}, waitMs: 5_000 }, systemClock, new AbortController().signal)
  }
  const { socket } = await dial('ca.pem', {})
  socket.destroy()
  await t.rejects(dial('ca.pem', { peerNames: ['spiffe://somebody/else'] }), {
    message: /none of the expected/,
  })
  await t.rejects(dial('stranger-ca.pem', {}), { message: /self.signed|unable to|issuer/i })
  const named = hostTarget('here', 'elsewhere.test', '127.0.0.1', Number(served.address.split(':')[1]))
  const { tls } = new HopSecurity(
    connection(served.address, {
      authentication: {
        kind: 'tls',
        caCertificates: tlsFile('ca.pem'),
        serverName: undefined,
        token: undefined,
      },
    }),
    systemClock,
  ).dial(named)
  const wrongName = upgrade(
    { target: named, tls, headers: {}, waitMs: 5_000 },
    systemClock,
    new AbortController().signal,
  )
  await t.rejects(wrongName, { message: /elsewhere\.test/ })
})

t.test('A name that means two addresses is listened on at both, with one port', async t => {
  const served = await serveContract({ address: 'localhost:0' })
  t.teardown(() => served.close())
  const handler = await handlersFor(t).open('auto', [served.address])
  await allows(t, handler)
})

t.test('An address that is taken is an error, and nothing of it listens', async t => {
  const taken = createServer()
  await new Promise<void>(resolve => taken.listen(0, '127.0.0.1', resolve))
  t.teardown(() => taken.close())
  const { address, remove } = socketPath()
  t.teardown(remove)
  await t.rejects(serveContract({ address: [address, `127.0.0.1:${portOf(taken)}`] }), { code: 'EADDRINUSE' })
  const again = await serveContract({ address })
  t.equal(again.address, address)
  await again.close()
})
