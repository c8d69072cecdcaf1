import { connect } from 'node:http2'
import t from 'tap'
import { number, raw, settings } from './http2-raw.js'
import { frame, grpcHeaders, server } from './http2-server.js'
import { block, type Frame, frameType, messageFrame, RawClient, requestBlock } from './raw-http2.js'
import { serve } from './serving.js'

const path = '/test.Echo/Unary'
const none = Buffer.alloc(0)

/** Frames that break the protocol, and the code of the GOAWAY that they deserve. Source: RFC 9113. */
const faults: readonly (readonly [name: string, code: number, ...frames: Frame[]])[] = [
  ['DATA on stream 0', 1, { type: frameType.data, flags: 0, stream: 0, payload: none }],
  ['DATA on a stream that has not begun', 1, { type: frameType.data, flags: 0, stream: 5, payload: none }],
  ['HEADERS on stream 0', 1, { type: frameType.headers, flags: 4, stream: 0, payload: requestBlock(path) }],
  ['HEADERS on a stream of the server', 1, { type: frameType.headers, flags: 4, stream: 2, payload: requestBlock(path) }],
  ['a header block that is malformed', 9, { type: frameType.headers, flags: 4, stream: 1, payload: Buffer.from([0xff]) }],
  ['an index of no header', 9, { type: frameType.headers, flags: 4, stream: 1, payload: Buffer.from([0xfe]) }],
  ['a table larger than agreed', 9, { type: frameType.headers, flags: 4, stream: 1, payload: Buffer.from([0x3f, 0xe2, 0x1f]) }],
  ['padding longer than the frame', 1, { type: frameType.headers, flags: 0x0c, stream: 1, payload: Buffer.from([9, 1]) }],
  ['RST_STREAM of a stream that has not begun', 1, { type: frameType.rstStream, flags: 0, stream: 1, payload: number(8) }],
  ['RST_STREAM of a wrong length', 6, { type: frameType.rstStream, flags: 0, stream: 1, payload: none }],
  ['SETTINGS on a stream', 1, { type: frameType.settings, flags: 0, stream: 1, payload: none }],
  ['SETTINGS of an odd length', 6, { type: frameType.settings, flags: 0, stream: 0, payload: Buffer.alloc(5) }],
  ['an acknowledgement with a payload', 6, { type: frameType.settings, flags: 1, stream: 0, payload: Buffer.alloc(6) }],
  ['a window above 2^31-1', 3, { type: frameType.settings, flags: 0, stream: 0, payload: settings([4, 2 ** 31]) }],
  ['a frame size too small', 1, { type: frameType.settings, flags: 0, stream: 0, payload: settings([5, 16_383]) }],
  ['a frame size too large', 1, { type: frameType.settings, flags: 0, stream: 0, payload: settings([5, 2 ** 24]) }],
  ['ENABLE_PUSH of 2', 1, { type: frameType.settings, flags: 0, stream: 0, payload: settings([2, 2]) }],
  ['PUSH_PROMISE', 1, { type: frameType.pushPromise, flags: 4, stream: 1, payload: none }],
  ['PING on a stream', 1, { type: frameType.ping, flags: 0, stream: 1, payload: Buffer.alloc(8) }],
  ['PING of a wrong length', 6, { type: frameType.ping, flags: 0, stream: 0, payload: Buffer.alloc(7) }],
  ['GOAWAY on a stream', 1, { type: frameType.goaway, flags: 0, stream: 1, payload: Buffer.alloc(8) }],
  ['WINDOW_UPDATE of 0', 1, { type: frameType.windowUpdate, flags: 0, stream: 0, payload: number(0) }],
  ['WINDOW_UPDATE of a wrong length', 6, { type: frameType.windowUpdate, flags: 0, stream: 0, payload: none }],
  ['WINDOW_UPDATE beyond 2^31-1', 3, { type: frameType.windowUpdate, flags: 0, stream: 0, payload: number(2 ** 31 - 1) }],
  ['PRIORITY on stream 0', 1, { type: frameType.priority, flags: 0, stream: 0, payload: Buffer.alloc(5) }],
  ['PRIORITY of a wrong length', 6, { type: frameType.priority, flags: 0, stream: 1, payload: none }],
  ['CONTINUATION of nothing', 1, { type: frameType.continuation, flags: 4, stream: 1, payload: none }],
  ['a frame larger than allowed', 6, { type: frameType.data, flags: 0, stream: 1, payload: Buffer.alloc(16_385) }],
  [
    'another frame inside a header block',
    1,
    { type: frameType.headers, flags: 0, stream: 1, payload: none },
    { type: frameType.ping, flags: 0, stream: 0, payload: Buffer.alloc(8) },
  ],
  [
    'CONTINUATION on another stream',
    1,
    { type: frameType.headers, flags: 0, stream: 1, payload: none },
    { type: frameType.continuation, flags: 4, stream: 3, payload: none },
  ],
] // biome-ignore format: one fault a line

t.test('a peer that breaks the protocol is told why, and its connection ends', async t => {
  for (const [name, code, ...frames] of faults) {
    const { client, counts } = await raw(t)
    const closed = new Promise(resolve => client.socket.once('close', resolve))
    for (const one of frames) client.send(one)
    const goaway = await client.frame(({ type }) => type === frameType.goaway)
    t.equal(goaway.payload.readUInt32BE(4), code, name)
    await closed
    t.equal(counts.get('door_connection_errors'), 1)
  }
})

t.test('the first frame must be SETTINGS', async t => {
  const { address } = await server(t)
  const client = await RawClient.open(address, 'silent')
  t.teardown(() => client.socket.destroy())
  client.send({ type: frameType.ping, flags: 0, stream: 0, payload: Buffer.alloc(8) })
  const goaway = await client.frame(({ type }) => type === frameType.goaway)
  t.equal(goaway.payload.readUInt32BE(4), 1)
})

t.test('a header block without end is cut off', async t => {
  const { client } = await raw(t)
  client.send({ type: frameType.headers, flags: 0, stream: 1, payload: none })
  for (let i = 0; i < 100; i++)
    client.send({
      type: frameType.continuation,
      flags: 0,
      stream: 1,
      payload: i % 2 === 0 ? none : Buffer.alloc(9_000),
    })
  const goaway = await client.frame(({ type }) => type === frameType.goaway)
  t.equal(goaway.payload.readUInt32BE(4), 11)
})

t.test('what is wrong with one call ends that call only', async t => {
  const { client, echoed } = await raw(t)
  const wrong: readonly (readonly [name: string, block: Buffer])[] = [
    ['no path', block(':method', 'POST', ':scheme', 'http')],
    ['an empty path', block(':method', 'POST', ':scheme', 'http', ':path', '')],
    ['a path twice', requestBlock(path, ':path', '/b')],
    [
      'a pseudo header behind others',
      block('te', 'trailers', ':method', 'POST', ':scheme', 'http', ':path', '/'),
    ],
    [
      'a pseudo header of responses',
      block(':status', '200', ':method', 'POST', ':scheme', 'http', ':path', '/'),
    ],
    ['capital letters', requestBlock(path, 'X-A', '1')],
    ['a header about the connection', requestBlock(path, 'connection', 'close')],
    ['te that is not trailers', requestBlock(path, 'te', 'gzip')],
    ['an empty name', requestBlock(path, '', '1')],
  ]
  let stream = -1
  for (const [name, headers] of wrong) {
    stream += 2
    client.headers(stream, headers)
    const reset = await client.frame(one => one.type === frameType.rstStream && one.stream === stream)
    t.equal(reset.payload.readUInt32BE(0), 1, name)
  }
  client.call(101, path, 'fine')
  t.equal(await echoed(101), 'fine')
  // Body behind the end, a window of nothing, and a window too large.
  client.headers(103, requestBlock('/test.Echo/Stream'))
  client.send({ type: frameType.windowUpdate, flags: 0, stream: 103, payload: number(0) })
  t.equal(
    (await client.frame(one => one.type === frameType.rstStream && one.stream === 103)).payload.readUInt32BE(
      0,
    ),
    1,
  )
  client.headers(105, requestBlock('/test.Echo/Stream'))
  client.send({ type: frameType.windowUpdate, flags: 0, stream: 105, payload: number(2 ** 31 - 1) })
  t.equal(
    (await client.frame(one => one.type === frameType.rstStream && one.stream === 105)).payload.readUInt32BE(
      0,
    ),
    3,
  )
  client.call(107, path, 'still fine')
  t.equal(await echoed(107), 'still fine')
})

t.test('padding, priorities, continuations, trailers and unknown frames are understood', async t => {
  const { client, echoed } = await raw(t)
  const headers = requestBlock(path)
  const padded = (content: Buffer, before: Buffer = none) =>
    Buffer.concat([Buffer.from([3]), before, content, Buffer.alloc(3)])
  client.send({ type: 0xab, flags: 0xff, stream: 77, payload: Buffer.alloc(9) })
  client.send({ type: frameType.priority, flags: 0, stream: 9, payload: Buffer.alloc(5) })
  client.send({
    type: frameType.headers,
    flags: 0x28,
    stream: 1,
    payload: padded(headers.subarray(0, 20), Buffer.alloc(5)),
  })
  client.send({ type: frameType.continuation, flags: 0, stream: 1, payload: headers.subarray(20, 30) })
  client.send({ type: frameType.continuation, flags: 0x4, stream: 1, payload: headers.subarray(30) })
  client.send({ type: frameType.data, flags: 0x8, stream: 1, payload: padded(messageFrame('padded')) })
  client.headers(1, block('a-trailer', 'x'), 0x5)
  t.equal(await echoed(1), 'padded')
  // Late frames of a call that is over.
  client.send({ type: frameType.windowUpdate, flags: 0, stream: 1, payload: number(5) })
  client.send({ type: frameType.rstStream, flags: 0, stream: 1, payload: number(8) })
  client.send({ type: frameType.ping, flags: 0, stream: 0, payload: Buffer.from('12345678') })
  const pong = await client.frame(({ type, flags }) => type === frameType.ping && flags === 1)
  t.equal(pong.payload.toString(), '12345678')
})

t.test('calls beyond the agreed number are refused, and may be asked again', async t => {
  const { address } = await serve(t, {
    kind: 'http2',
    services: [
      { name: 'test.Slow', methods: [{ kind: 'unary', path, answer: () => new Promise(() => {}) }] },
    ],
    limits: { maxConcurrentStreams: 2 },
  })
  const client = await RawClient.open(address)
  t.teardown(() => client.socket.destroy())
  const agreed = await client.frame(({ type, flags }) => type === frameType.settings && flags === 0)
  t.same(agreed.payload.subarray(0, 6), settings([3, 2]))
  for (const stream of [1, 3, 5]) client.call(stream, path, 'x')
  const refused = await client.frame(({ type }) => type === frameType.rstStream)
  t.same([refused.stream, refused.payload.readUInt32BE(0)], [5, 7])
})

t.test('a client that begins calls only to reset them is sent away', async t => {
  const { client } = await raw(t, {
    services: [
      { name: 'test.Slow', methods: [{ kind: 'unary', path, answer: () => new Promise(() => {}) }] },
    ],
  })
  for (let stream = 1; stream < 2_100; stream += 2) {
    client.headers(stream, requestBlock(path))
    client.send({ type: frameType.rstStream, flags: 0, stream, payload: number(8) })
  }
  const goaway = await client.frame(({ type }) => type === frameType.goaway)
  t.equal(goaway.payload.readUInt32BE(4), 11)
})

t.test('headers beyond the limit refuse their call, and the tables stay right', async t => {
  const { client, echoed } = await raw(t)
  // One large entry of the dynamic table, named again and again: a small block, a large list.
  const large = Buffer.concat([Buffer.from([0x40, 1, 0x61, 0x7f, 0xa1, 0x1e]), Buffer.alloc(4_000, 0x62)])
  client.headers(1, Buffer.concat([requestBlock(path), large, Buffer.alloc(60, 0xbe)]))
  const refusal = await client.frame(({ type, stream }) => type === frameType.headers && stream === 1)
  t.ok(refusal.payload.includes(block('grpc-status', '8')))
  client.headers(3, Buffer.concat([requestBlock(path), Buffer.from([0xbe])]))
  client.send({ type: frameType.data, flags: 1, stream: 3, payload: messageFrame('indexed') })
  t.equal(await echoed(3), 'indexed')
})

t.test('header values of every kind arrive as another implementation encodes them', async t => {
  const heard: (string | undefined)[] = []
  const { address } = await serve(t, {
    kind: 'http2',
    services: [
      {
        name: 'test.Headers',
        methods: [
          {
            kind: 'unary',
            path,
            answer: (message, call) => {
              heard.push(call.metadata('x-value'))
              return message
            },
          },
        ],
      },
    ],
  })
  const session = connect(`http://${address}`)
  t.teardown(() => session.destroy())
  const values = [
    ...Array.from({ length: 95 }, (_, i) => `${'e'.repeat(40)}${String.fromCharCode(0x20 + i)}e`),
    ...Array.from({ length: 128 }, (_, i) => `${'e'.repeat(40)}${String.fromCharCode(0x80 + i)}e`),
    // Larger than the table, so that everything else is forgotten; then the small ones again.
    'x'.repeat(5_000),
    'small',
    'small',
  ]
  for (const value of values) {
    await new Promise<void>((resolve, reject) => {
      const request = session.request({ ...grpcHeaders, 'x-value': value })
      request.on('error', reject)
      request.on('close', resolve)
      request.resume()
      request.end(frame('x'))
    })
  }
  t.same(heard, values)
})
