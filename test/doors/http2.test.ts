import { once } from 'node:events'
import { deflateSync, gzipSync } from 'node:zlib'
import t from 'tap'
import { parseTimeout } from '../../src/mixer/doors/http2/headers.js'
import { encodeStatusMessage } from '../../src/mixer/doors/http2/status.js'
import type { IncomingCall, Service } from '../../src/mixer/doors/service.js'
import { ask, echo, frame, grpcHeaders, server } from './http2-server.js'

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
  t.equal(encodeStatusMessage('a'.repeat(9_999)), `${'a'.repeat(4_096)}...`, 'long messages are cut')
  t.equal(encodeStatusMessage('€'.repeat(9_999)), `${'%E2%82%AC'.repeat(455)}...`, 'between characters')
  t.equal(encodeStatusMessage('\u{1f600}'), '%F0%9F%98%80')
  t.equal(
    encodeStatusMessage(' the why: '),
    '%20the why:%20',
    'a space at an end would cost the whole message',
  )
  t.equal(encodeStatusMessage('\ud800'), '%EF%BF%BD', 'half a character')
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
