import { gzipSync } from 'node:zlib'
import t from 'tap'
import { number, raw, settings } from './http2-raw.js'
import { type Frame, frameType, messageFrame, requestBlock } from './raw-http2.js'

const path = '/test.Echo/Unary'

t.test('an answer waits for the windows of its reader', async t => {
  const { client } = await raw(t)
  client.send({ type: frameType.settings, flags: 0, stream: 0, payload: settings([4, 10]) })
  client.call(1, path, 'x'.repeat(50))
  const isData = (one: Frame) => one.type === frameType.data
  t.equal((await client.frame(isData)).payload.length, 10)
  client.send({ type: frameType.windowUpdate, flags: 0, stream: 1, payload: number(15) })
  t.equal((await client.frame(isData)).payload.length, 15)
  t.notOk(
    client.has(one => one.type === frameType.headers && (one.flags & 1) === 1),
    'no end yet',
  )
  client.send({ type: frameType.settings, flags: 0, stream: 0, payload: settings([4, 40]) })
  t.equal((await client.frame(isData)).payload.length, 30)
  await client.frame(one => one.type === frameType.headers && (one.flags & 1) === 1)
})

t.test('the window of the connection holds for all its calls', async t => {
  const { client } = await raw(t)
  client.send({ type: frameType.settings, flags: 0, stream: 0, payload: settings([4, 1_000_000]) })
  const text = 'x'.repeat(16_000)
  for (const stream of [1, 3, 5, 7, 9]) client.call(stream, path, text)
  const received = async () => (await client.frame(({ type }) => type === frameType.data)).payload.length
  let total = 0
  while (total < 65_535) total += await received()
  t.equal(total, 65_535)
  client.send({ type: frameType.windowUpdate, flags: 0, stream: 0, payload: number(100_000) })
  while (total < 5 * 16_005) total += await received()
  t.equal(total, 5 * 16_005)
})

t.test('a body larger than the windows is received when it may be large', async t => {
  const { client } = await raw(t, { maxMessageBytes: 1_000_000 })
  client.headers(1, requestBlock(path))
  const body = messageFrame('x'.repeat(300_000))
  let window = 65_535
  for (let at = 0; at < body.length; ) {
    const size = Math.min(16_384, window, body.length - at)
    if (size === 0) {
      const update = await client.frame(one => one.type === frameType.windowUpdate && one.stream === 1)
      window += update.payload.readUInt32BE(0)
      continue
    }
    const isLast = at + size === body.length
    client.send({
      type: frameType.data,
      flags: isLast ? 1 : 0,
      stream: 1,
      payload: body.subarray(at, at + size),
    })
    at += size
    window -= size
  }
  t.equal((await client.frame(({ type }) => type === frameType.data)).payload.readUInt32BE(1), 300_000)
})

t.test('a sender beyond its window is reset', async t => {
  const { client } = await raw(t)
  // While a large message is expanded the window is not given back; all of this comes before that can be done.
  const packed = gzipSync(Buffer.alloc(1_000_000))
  const head = Buffer.from([1, 0, 0, packed.length >> 8, packed.length & 0xff])
  client.socket.cork()
  client.headers(1, requestBlock('/test.Echo/Stream', 'grpc-encoding', 'gzip'))
  client.send({ type: frameType.data, flags: 0, stream: 1, payload: Buffer.concat([head, packed]) })
  for (let i = 0; i < 5; i++)
    client.send({ type: frameType.data, flags: 0, stream: 1, payload: Buffer.alloc(16_000) })
  client.socket.uncork()
  const reset = await client.frame(({ type }) => type === frameType.rstStream)
  t.equal(reset.payload.readUInt32BE(0), 3)
})
