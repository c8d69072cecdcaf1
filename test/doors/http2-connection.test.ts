import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import t from 'tap'
import type { Service } from '../../src/mixer/doors/service.js'
import { ask, frame, grpcHeaders, server } from './http2-server.js'
import { frameType, RawClient } from './raw-http2.js'

t.test('a caller that resets its call is noticed', async t => {
  let gone = () => {}
  const cancelled = new Promise<void>(resolve => {
    gone = resolve
  })
  const { promise: begun, begin } = signal()
  const service: Service = {
    name: 'test.Slow',
    methods: [
      {
        kind: 'unary',
        path: '/test.Echo/Unary',
        answer: (_message, call) => {
          call.onCancel.cancelled = gone
          begin()
          return cancelled.then(() => Buffer.from('too late'))
        },
      },
    ],
  }
  const { session } = await server(t, { services: [service] })
  const request = session.request(grpcHeaders)
  request.on('error', () => {})
  request.end(frame('x'))
  await begun
  request.close(8)
  await cancelled
  t.pass('heard')
})

/** A promise, and what settles it. */
function signal(): { readonly promise: Promise<void>; begin(): void } {
  let settle = () => {}
  const promise = new Promise<void>(resolve => {
    settle = resolve
  })
  return { promise, begin: () => settle() }
}

t.test('draining finishes what is under way and says from where on calls were not taken', async t => {
  const { promise: answerNow, begin: release } = signal()
  const { promise: begun, begin } = signal()
  const service: Service = {
    name: 'test.Slow',
    methods: [
      {
        kind: 'unary',
        path: '/test.Echo/Unary',
        answer: message => {
          begin()
          return answerNow.then(() => message)
        },
      },
    ],
  }
  const { server: draining, address } = await server(t, { services: [service] })
  const client = await RawClient.open(address)
  t.teardown(() => client.socket.destroy())
  client.call(1, '/test.Echo/Unary', 'slow')
  await begun
  const drained = draining.drain(60_000)
  const goaway = await client.frame(frame => frame.type === frameType.goaway)
  t.equal(goaway.payload.readUInt32BE(0), 1, 'the client may send every later call elsewhere')
  t.equal(goaway.payload.readUInt32BE(4), 0, 'no error')
  client.call(3, '/test.Echo/Unary', 'late')
  release()
  const { payload } = await client.frame(frame => frame.type === frameType.data)
  t.equal(payload.subarray(5).toString(), 'slow')
  await drained
  const refused = connectTcp(Number(address.split(':')[1]), '127.0.0.1')
  const [error] = await once(refused, 'error')
  t.match(error, { code: 'ECONNREFUSED' })
})

t.test('draining cuts off what is not finished after the grace', async t => {
  const { promise: begun, begin } = signal()
  const service: Service = {
    name: 'test.Never',
    methods: [
      {
        kind: 'unary',
        path: '/test.Echo/Unary',
        answer: () => {
          begin()
          return new Promise(() => {})
        },
      },
    ],
  }
  const { server: draining, session, clock } = await server(t, { services: [service] })
  session.on('error', () => {})
  const never = ask(session, {}, [frame('x')])
  await begun
  const drained = draining.drain(1_000)
  clock.advance(1_001)
  await drained
  t.match(await never, { status: undefined })
})

t.test('a silent connection is pinged, and closed when it does not answer', async t => {
  const { address, clock, session } = await server(t)
  // A client that says the connection preface and then nothing, not even acknowledgements.
  const mute = connectTcp(Number(address.split(':')[1]), '127.0.0.1')
  t.teardown(() => mute.destroy())
  mute.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  mute.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]))
  await once(mute, 'data')
  await ask(session, {}, [frame('')])
  const closed = once(mute, 'close')
  clock.advance(60_000)
  clock.advance(60_000)
  await once(session, 'ping')
  // Our own ping comes back after the server has read the acknowledgement of its ping.
  await new Promise(resolve => session.ping(resolve))
  clock.advance(20_001)
  mute.resume()
  await closed
  t.match(await ask(session, {}, [frame('')]), { status: '0' }, 'the one that answers stays')
})

t.test('bytes that are no HTTP/2 harm nobody else', async t => {
  const { address, session } = await server(t)
  const port = Number(address.split(':')[1])
  for (const bytes of ['GET / HTTP/1.1\r\n\r\n', '\x00'.repeat(99)]) {
    const socket = connectTcp(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(bytes)
    socket.resume()
    await once(socket, 'close')
  }
  t.match(await ask(session, {}, [frame('')]), { status: '0' })
})
