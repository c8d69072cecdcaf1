import { once } from 'node:events'
import { type ClientHttp2Session, connect, type OutgoingHttpHeaders } from 'node:http2'
import fc from 'fast-check'
import t from 'tap'
import { FrameReader } from '../../src/mixer/doors/http2/framing.js'
import { Rooms } from '../../src/mixer/doors/http2/room.js'
import { UnfinishedCalls } from '../../src/mixer/doors/http2/unfinished.js'
import { Refusal } from '../../src/mixer/doors/service.js'
import { silent } from '../../src/mixer/telemetry/index.js'
import { ask, frame, grpcHeaders, server } from './http2-server.js'
import { ManualClock } from './support.js'

/** Begins a call that says this much and then nothing; its status, once the server has read it. */
async function unfinished(session: ClientHttp2Session, chunk: Buffer, headers: OutgoingHttpHeaders = {}) {
  const request = session.request({ ...grpcHeaders, ...headers })
  request.on('error', () => {})
  const status = new Promise<string>(resolve => {
    request.on('response', got => resolve(`${got['grpc-status']} ${got['grpc-message'] ?? ''}`))
    request.on('close', () => resolve('closed'))
  })
  if (chunk.length > 0) request.write(chunk)
  await read(session)
  return { status, request }
}

/** Our own ping comes back when the server has read what was sent before it. */
async function read(session: ClientHttp2Session): Promise<void> {
  if (session.connecting) await once(session, 'connect')
  for (let i = 0; i < 2; i++) await new Promise(resolve => session.ping(resolve))
}

/** The first bytes of a message of this size. */
function begun(size: number, sent: number): Buffer {
  return frame(Buffer.alloc(size)).subarray(0, sent)
}

const parts: readonly (readonly [string, Buffer])[] = [
  ['nothing', Buffer.alloc(0)],
  ['a part of the head', begun(10, 3)],
  ['a part of the message', begun(10, 9)],
  ['the message, but no end', frame('hello')],
]

for (const [what, chunk] of parts)
  t.test(`a unary call that has sent ${what} is answered at its deadline`, async t => {
    const { session, clock, counts } = await server(t)
    const { status } = await unfinished(session, chunk, { 'grpc-timeout': '200m' })
    clock.advance(199)
    const later = await unfinished(session, chunk, { 'grpc-timeout': '200m' })
    clock.advance(100)
    t.match(await status, /^4 Deadline exceeded/)
    t.equal(counts.get('door_unfinished{reason="deadline"}'), 1, 'the one whose deadline has not come waits')
    clock.advance(100)
    t.match(await later.status, /^4 /)
    t.match(await ask(session, {}, [frame('x')]), { status: '0' })
  })

t.test('a message without a deadline may take half a minute, and no longer', async t => {
  const { session, clock, counts } = await server(t)
  const first = await unfinished(session, begun(10, 9))
  const second = await unfinished(session, begun(10, 9))
  clock.advance(100)
  clock.advance(29_900)
  second.request.end(Buffer.alloc(6))
  second.request.resume()
  t.match(await second.status, /^undefined/, 'one that ends in time is answered with a message')
  clock.advance(100)
  t.match(await first.status, /^4 The message took too long/)
  t.equal(counts.get('door_unfinished{reason="timeout"}'), 1)
})

t.test('messages that are not whole share a room, of their connection and of the server', async t => {
  const limits = { maxPartialBytes: 2_000, maxConnectionPartialBytes: 1_500 }
  const { session, address, counts } = await server(t, { limits })
  const other = connect(`http://${address}`)
  t.teardown(() => other.destroy())
  const first = await unfinished(session, begun(1_000, 10))
  const refused = await unfinished(session, begun(1_000, 10))
  t.match(await refused.status, /^8 Too many bytes/, 'the connection has 1,500')
  t.match(await (await unfinished(other, begun(1_001, 10))).status, /^8 /, 'the server has 2,000')
  t.equal(counts.get('door_unfinished{reason="no_room"}'), 2)
  t.match(await ask(session, {}, [frame(Buffer.alloc(9_000))]), { status: '0' }, 'a whole one needs none')
  const stream = await unfinished(session, begun(1_000, 10), { ':path': '/test.Echo/Stream' })
  t.match(await stream.status, /^8 /, 'the message of a stream needs room, too')
  first.request.close(8)
  await read(session)
  const again = await unfinished(session, begun(1_000, 10))
  again.request.end(Buffer.alloc(995))
  again.request.resume()
  t.match(await again.status, /^undefined/, 'what was given up makes room')
  const streamed = await unfinished(session, begun(1_000, 10), { ':path': '/test.Echo/Stream' })
  streamed.request.write(Buffer.alloc(995))
  t.match(await streamed.status, /^undefined/)
  await unfinished(session, begun(1_500, 1_000))
  t.equal(counts.get('door_unfinished{reason="no_room"}'), 3, 'what became whole gives its room back')
})

t.test('a whole message whose call does not end needs room when it waits', async t => {
  const limits = { maxConnectionPartialBytes: 1_500 }
  const { session, clock } = await server(t, { limits })
  const calls: Promise<string>[] = []
  for (let i = 0; i < 2; i++) calls.push((await unfinished(session, frame(Buffer.alloc(1_000)))).status)
  clock.advance(100)
  t.match(await Promise.race(calls), /^8 /)
  clock.advance(30_000)
  t.same((await Promise.all(calls)).map(text => text[0]).sort(), ['4', '8'])
})

t.test('one connection more than the bound is closed, and counted', async t => {
  const { session, address, counts } = await server(t, { limits: { maxConnections: 1 } })
  await ask(session, {}, [frame('')])
  const second = connect(`http://${address}`)
  second.on('error', () => {})
  await once(second, 'close')
  t.equal(counts.get('door_connections_refused'), 1)
  t.match(await ask(session, {}, [frame('')]), { status: '0' })
})

t.test('a FrameReader finds the same messages wherever chunks end', async t => {
  const cut = fc.record({
    messages: fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }),
    sizes: fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
  })
  fc.assert(
    fc.property(cut, ({ messages, sizes }) => {
      const rooms = new Rooms(10_000, 10_000, { add: () => {} })
      const share = rooms.share({})
      const reader = new FrameReader(100, share)
      const bytes = Buffer.concat(messages.map(message => frame(Buffer.from(message))))
      const found: string[] = []
      for (let pos = 0, i = 0; pos < bytes.length; i++) {
        const end = pos + (sizes[i % sizes.length] ?? 1)
        reader.push(bytes.subarray(pos, end))
        pos = end
        for (let next = reader.next(); next !== undefined; next = reader.next()) {
          if (next instanceof Refusal) throw new Error(next.message)
          share.release()
          found.push(next.message.toString('hex'))
        }
      }
      return (
        !reader.hasRest &&
        share.isEmpty &&
        found.join() === messages.map(message => Buffer.from(message).toString('hex')).join()
      )
    }),
  )
  t.pass('for every cut that was tried')
})

t.test('UnfinishedCalls looks at every call once, whichever of them leave meanwhile', async t => {
  for (const leaving of [[0], [3], [0, 3], [1, 2], [0, 1, 2, 3], []]) {
    const clock = new ManualClock()
    const calls = new UnfinishedCalls(clock, 1_000, silent)
    const looked: number[] = []
    for (let id = 0; id < 4; id++) calls.add(callOf(id, calls, looked, leaving))
    clock.advance(100)
    t.same([...looked].sort(), [0, 1, 2, 3], `leaving: ${leaving.join()}`)
    looked.length = 0
    clock.advance(100)
    t.same(
      [...looked].sort(),
      [0, 1, 2, 3].filter(id => !leaving.includes(id)),
    )
  }
})

function callOf(id: number, calls: UnfinishedCalls, looked: number[], leaving: readonly number[]) {
  const call = {
    place: -1,
    look: () => {
      looked.push(id)
      if (leaving.includes(id)) calls.delete(call)
    },
  }
  return call
}
