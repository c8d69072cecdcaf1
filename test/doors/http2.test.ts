import { once } from 'node:events'
import {
  type ClientHttp2Session,
  connect,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2'
import { connect as connectTcp } from 'node:net'
import { deflateSync, gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { parseTimeout } from '../../src/mixer/doors/http2/headers.js'
import { encodeStatusMessage } from '../../src/mixer/doors/http2/status.js'
import { type IncomingCall, Refusal, type Service } from '../../src/mixer/doors/service.js'
import { frameType, RawClient } from './raw-http2.js'
import { serve } from './serving.js'
import { counting, ManualClock } from './support.js'

/** Answers with the message; or refuses with the text behind `!`. Streams come back message by message. */
const echo: Service = {
  name: 'test.Echo',
  methods: [
    {
      kind: 'unary',
      path: '/test.Echo/Unary',
      answer: message =>
        message[0] === 0x21 ? new Refusal(9, message.subarray(1).toString()) : Promise.resolve(message),
    },
    {
      kind: 'stream',
      path: '/test.Echo/Stream',
      open: (_call, out) => ({
        message: message => {
          if (message[0] === 0x21) out.end(new Refusal(9, message.subarray(1).toString()))
          else out.send(message)
        },
        ended: () => out.end(),
        cancelled: () => {},
        draining: () => out.end(),
      }),
    },
  ],
}

const grpcHeaders = {
  ':method': 'POST',
  ':path': '/test.Echo/Unary',
  'content-type': 'application/grpc',
  te: 'trailers',
}

function frame(message: Buffer | string, flag = 0): Buffer {
  const content = Buffer.from(message)
  const head = Buffer.alloc(5)
  head[0] = flag
  head.writeUInt32BE(content.length, 1)
  return Buffer.concat([head, content])
}

interface Heard {
  readonly headers: IncomingHttpHeaders
  readonly trailers: IncomingHttpHeaders
  readonly body: Buffer
  /** Of the trailers, or of the headers when there is nothing else. */
  readonly status: string | undefined
  readonly message: string | undefined
  readonly rstCode: number
}

/** Sends chunks, each as a frame of its own, and hears the whole answer. */
function ask(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  chunks: readonly Buffer[],
): Promise<Heard> {
  return new Promise(resolve => {
    const request = session.request({ ...grpcHeaders, ...headers })
    let head: IncomingHttpHeaders = {}
    let trailers: IncomingHttpHeaders = {}
    const body: Buffer[] = []
    request.on('response', got => {
      head = got
    })
    request.on('trailers', got => {
      trailers = got
    })
    request.on('data', (chunk: Buffer) => body.push(chunk))
    request.on('error', () => {})
    request.on('close', () => {
      const status = trailers['grpc-status'] ?? head['grpc-status']
      const message = trailers['grpc-message'] ?? head['grpc-message']
      resolve({
        headers: head,
        trailers,
        body: Buffer.concat(body),
        status: status?.toString(),
        message: message?.toString(),
        rstCode: request.rstCode,
      })
    })
    for (const chunk of chunks) request.write(chunk)
    request.end()
  })
}

async function server(t: Test, options: { services?: readonly Service[]; maxMessageBytes?: number } = {}) {
  const { telemetry, counts } = counting()
  const clock = new ManualClock()
  const { server, address } = await serve(t, {
    kind: 'http2',
    services: options.services ?? [echo],
    telemetry,
    clock,
    limits: options.maxMessageBytes === undefined ? {} : { maxMessageBytes: options.maxMessageBytes },
  })
  const session = connect(`http://${address}`)
  t.teardown(() => session.destroy())
  return { server, address, session, counts, clock }
}

t.test('the HTTP/2 server answers with headers, a message and trailers', async t => {
  const { session } = await server(t)
  const heard = await ask(session, {}, [frame('hello')])
  t.match(heard.headers, { ':status': 200, 'content-type': 'application/grpc' })
  t.same(heard.body, frame('hello'))
  t.match(heard.trailers, { 'grpc-status': '0' })
})

t.test('a message may come in any number of pieces', async t => {
  const { session } = await server(t)
  const bytes = frame('hello, world')
  const single = [...bytes].map(byte => Buffer.from([byte]))
  t.same((await ask(session, {}, single)).body, bytes)
  t.same((await ask(session, {}, [bytes.subarray(0, 3), bytes.subarray(3)])).body, bytes)
  t.same((await ask(session, {}, [frame('')])).body, frame(''))
})

t.test('a refusal is one block of headers, its message percent-encoded', async t => {
  const { session } = await server(t)
  const heard = await ask(session, {}, [frame('!100% "déjà"\n')])
  t.match(heard.headers, {
    ':status': 200,
    'grpc-status': '9',
    'grpc-message': '100%25 "d%C3%A9j%C3%A0"%0A',
  })
  t.same(heard.trailers, {})
  t.equal(encodeStatusMessage('a'.repeat(9_999)).length, 4_099, 'long messages are cut')
})

t.test('unknown methods, other content types and other verbs are turned away', async t => {
  const { session, counts } = await server(t)
  t.match(await ask(session, { ':path': '/test.Echo/No' }, [frame('')]), {
    status: '12',
    message: /test.Echo\/No/,
  })
  for (const type of ['application/json', 'application/grpcx', 'text/plain', ''])
    t.match((await ask(session, { 'content-type': type }, [frame('')])).headers, { ':status': 415 }, type)
  for (const type of ['application/grpc+proto', 'application/grpc;charset=x'])
    t.match(await ask(session, { 'content-type': type }, [frame('a')]), { status: '0' }, type)
  t.match((await ask(session, { ':method': 'PUT' }, [frame('')])).headers, { ':status': 405 })
  t.equal(counts.get('door_not_grpc'), 5)
})

t.test('compressed messages are expanded', async t => {
  const { session } = await server(t, { maxMessageBytes: 1_000 })
  for (const path of ['/test.Echo/Unary', '/test.Echo/Stream']) {
    const send = (encoding: string, chunk: Buffer) =>
      ask(session, { ':path': path, 'grpc-encoding': encoding }, [chunk])
    t.same((await send('gzip', frame(gzipSync('zipped'), 1))).body, frame('zipped'))
    t.same((await send('deflate', frame(deflateSync('deflated'), 1))).body, frame('deflated'))
    t.same((await send('gzip', frame('plain', 0))).body, frame('plain'))
    t.match(await send('gzip', frame('no gzip', 1)), { status: '13' })
    t.match(await send('identity', frame('x', 1)), { status: '13' })
    t.match(await send('gzip', frame(gzipSync(Buffer.alloc(1_001)), 1)), { status: '8', message: /1000/ })
    t.match(await send('br', frame('x', 1)), {
      status: '12',
      headers: { 'grpc-accept-encoding': 'identity,gzip,deflate' },
    })
  }
})

t.test('the messages of a stream keep their order, compressed or not', async t => {
  const { session } = await server(t)
  const chunks = Array.from({ length: 20 }, (_, i) =>
    i % 2 === 0 ? frame(gzipSync(`message ${i}`), 1) : frame(`message ${i}`),
  )
  const headers = { ':path': '/test.Echo/Stream', 'grpc-encoding': 'gzip' }
  for (const sent of [chunks, [Buffer.concat(chunks)]]) {
    const { body, status } = await ask(session, headers, sent)
    t.equal(status, '0')
    t.same(body, Buffer.concat(Array.from({ length: 20 }, (_, i) => frame(`message ${i}`))))
  }
  t.match(await ask(session, headers, [frame('a'), frame('!b'), frame('c')]), {
    body: frame('a'),
    trailers: { 'grpc-status': '9', 'grpc-message': 'b' },
  })
})

t.test('malformed frames end their call and nothing else', async t => {
  const { session } = await server(t, { maxMessageBytes: 100 })
  for (const path of ['/test.Echo/Unary', '/test.Echo/Stream']) {
    const send = (...chunks: Buffer[]) => ask(session, { ':path': path }, chunks)
    t.match(await send(frame('a').subarray(0, 4)), { status: '13', message: /ended inside/ })
    t.match(await send(frame('abc').subarray(0, 6)), { status: '13', message: /ended inside/ })
    t.match(await send(frame('a', 2)), { status: '13', message: /flag 2/ })
    t.match(await send(frame(Buffer.alloc(101))), { status: '8', message: /101 vs. 100/ })
    t.match(await send(frame(Buffer.alloc(100))), { status: '0' })
  }
  t.match(await ask(session, {}, []), { status: '13', message: /no message/ })
  t.match(await ask(session, {}, [frame('a'), frame('b')]), { status: '13', message: /more than one/ })
  t.match(await ask(session, {}, [Buffer.concat([frame('a'), frame('b')])]), {
    status: '13',
    message: /more than one/,
  })
  t.match(await ask(session, {}, [frame('still here')]), { status: '0' })
})

t.test('a message announced too large is refused before it has arrived', async t => {
  const { session } = await server(t, { maxMessageBytes: 100 })
  const request = session.request(grpcHeaders)
  request.on('error', () => {})
  const head = Buffer.alloc(5)
  head.writeUInt32BE(2 ** 31, 1)
  request.write(head)
  request.write(Buffer.alloc(10))
  const [headers] = await once(request, 'response')
  t.match(headers, { 'grpc-status': '8' })
  await once(request, 'close')
})

t.test('grpc-timeout is the deadline of a call, and ends a stream', async t => {
  let seen: IncomingCall | undefined
  let peer = ''
  const service: Service = {
    name: 'test.Deadline',
    methods: [
      {
        kind: 'unary',
        path: '/test.Echo/Unary',
        answer: (message, call) => {
          seen = call
          peer = call.peer
          return message
        },
      },
      ...echo.methods.filter(method => method.kind === 'stream'),
    ],
  }
  const { session, clock } = await server(t, { services: [service] })
  await ask(session, { 'grpc-timeout': '1500m', 'x-one': 'a' }, [frame('')])
  t.equal(seen?.deadline, clock.now() + 1_500)
  t.equal(seen?.metadata('x-one'), 'a')
  t.match(peer, /^127\.0\.0\.1:\d+$/)
  await ask(session, {}, [frame('')])
  t.equal(seen?.deadline, Number.POSITIVE_INFINITY)
  t.match(await ask(session, { 'grpc-timeout': 'soon' }, [frame('')]), {
    status: '13',
    message: /grpc-timeout/,
  })
  const request = session.request({ ...grpcHeaders, ':path': '/test.Echo/Stream', 'grpc-timeout': '2S' })
  request.on('error', () => {})
  request.write(frame('a'))
  await once(request, 'response')
  const trailers = once(request, 'trailers')
  request.resume()
  clock.advance(2_001)
  t.match((await trailers)[0], { 'grpc-status': '4' })
})

t.test('every unit of grpc-timeout is read, and nothing else', t => {
  t.same(
    ['1H', '2M', '3S', '4m', '5000u', '6000000n', '99999999H'].map(parseTimeout),
    [3_600_000, 120_000, 3_000, 4, 5, 6, 359_999_996_400_000],
  )
  for (const bad of ['', '1', 'S', '1s', '-1S', '123456789S', '1.5S', ' 1S'])
    t.equal(parseTimeout(bad), undefined, bad)
  t.end()
})

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
