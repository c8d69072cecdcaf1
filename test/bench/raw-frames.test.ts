import type { Socket } from 'node:net'
import t, { type Test } from 'tap'
import { FrameReader } from '../../src/bench/load/frame-reader.js'
import { Flag, FrameType, Setting } from '../../src/bench/load/frames.js'
import { literalFields } from '../../src/bench/load/hpack.js'
import { KnownBlocks } from '../../src/bench/load/known-blocks.js'
import { RawClient } from '../../src/bench/load/raw-client.js'
import { framed } from '../../src/bench/load/unary-client.js'
import { rawServer, type SeenFrame, sent } from './raw-server.js'

// What a server may do and those of libraries seldom do: frame by frame, by hand.

const { data, headers, continuation, ping, settings, windowUpdate, goAway, resetStream } = FrameType
const { endStream, endHeaders, padded, ack } = Flag
const ok = [0x88]
const trailers = [...literalFields([['grpc-status', '0']])]
const answer = [...framed(Buffer.from('answer'))]

const uint32 = (value: number) => [value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255]

/** A client of one connection, whose calls' answers are kept as text. */
async function clientOf(t: Test, heard: (seen: SeenFrame, socket: Socket) => void, most = 100) {
  const address = await rawServer(t, [[Setting.maxConcurrentStreams, most]], heard)
  const client = await RawClient.open({ address, path: '/bench.Echo/Echo', connections: 1 })
  t.teardown(() => client.close())
  const ask = (message: Buffer) =>
    new Promise<string>(resolve => {
      let text = ''
      const problemOf = (bytes: Buffer, start: number, end: number) => {
        text = bytes.toString('latin1', start, end)
        return undefined
      }
      client.call(0, { message: framed(message), problemOf }, failure => resolve(failure ?? text))
    })
  return { ask }
}

const isAsked = ({ type, flags }: SeenFrame) => type === data && (flags & endStream) !== 0

t.test('an answer is understood in whatever frames and pieces it comes', async t => {
  const [first, second] = [trailers.slice(0, 3), trailers.slice(3)]
  const whole = (stream: number) =>
    Buffer.concat([
      sent(headers, endHeaders, stream, ok),
      sent(data, 0, stream, answer),
      sent(headers, endHeaders | endStream, stream, trailers),
    ])
  const ways: readonly ((stream: number) => Buffer)[] = [
    whole,
    stream =>
      Buffer.concat([
        sent(headers, endHeaders | padded, stream, [3, ...ok, 0, 0, 0]),
        sent(data, padded, stream, [2, ...answer, 0, 0]),
        sent(headers, endHeaders | endStream, stream, trailers),
      ]),
    stream =>
      Buffer.concat([
        sent(headers, endHeaders, stream, ok),
        sent(data, 0, stream, answer.slice(0, 2)),
        sent(data, 0, stream, []),
        sent(data, 0, stream, answer.slice(2)),
        sent(headers, endStream, stream, first),
        sent(continuation, 0, stream, []),
        sent(continuation, endHeaders, stream, second),
      ]),
  ]
  let way: (typeof ways)[number] = whole
  const { ask } = await clientOf(t, (seen, socket) => {
    if (isAsked(seen)) socket.write(way(seen.stream))
  })
  for (const next of ways) {
    way = next
    t.equal(await ask(Buffer.from('question')), 'answer')
  }
  const torn = [answer.slice(0, 8), [...answer, ...answer], []]
  for (const body of torn) {
    way = stream =>
      Buffer.concat([
        sent(headers, endHeaders, stream, ok),
        sent(data, 0, stream, body),
        sent(headers, endHeaders | endStream, stream, trailers),
      ])
    t.equal(await ask(Buffer.from('question')), 'the answer is no whole message')
  }
})

t.test('an answer comes through byte by byte', async t => {
  const { ask } = await clientOf(t, (seen, socket) => {
    if (!isAsked(seen)) return
    const bytes = Buffer.concat([
      sent(headers, endHeaders, seen.stream, ok),
      sent(data, 0, seen.stream, answer),
      sent(headers, endHeaders | endStream, seen.stream, trailers),
    ])
    const next = (at: number) => {
      if (at < bytes.length) socket.write(bytes.subarray(at, at + 1), () => setImmediate(next, at + 1))
    }
    next(0)
  })
  t.same(await Promise.all([ask(Buffer.from('a'))]), ['answer'])
})

t.test('FrameReader finds the same frames wherever reads end', async t => {
  const frames = [sent(data, 1, 1, [1, 2, 3]), sent(ping, 0, 0, []), sent(data, 0, 3, Buffer.alloc(300, 7))]
  const bytes = Buffer.concat(frames)
  for (let cut = 0; cut <= bytes.length; cut++) {
    const found: Buffer[] = []
    const reader = new FrameReader((type, flags, stream, all, start, end) => {
      found.push(sent(type, flags, stream, all.subarray(start, end)))
    })
    for (const piece of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
      piece.copy(reader.input)
      reader.take(piece.length)
    }
    if (!Buffer.concat(found).equals(bytes)) t.fail(`cut at ${cut}`)
  }
  const reader = new FrameReader(() => {})
  reader.input.set([0, 0x40, 1])
  t.throws(() => reader.take(9), /a frame of 16385 bytes/)
})

t.test('KnownBlocks reads many blocks, each as it is, however often it comes', async t => {
  const known = new KnownBlocks()
  for (let time = 0; time < 3; time++)
    for (let status = 0; status < 40; status++) {
      const block = Buffer.from([0, ...literalFields([['grpc-status', String(status)]]), 0])
      t.equal(known.read(block, 1, block.length - 1).grpcStatus, String(status))
    }
})

t.test('a ping is answered with what it said, and settings are acknowledged', async t => {
  const seen: SeenFrame[] = []
  const { ask } = await clientOf(t, (one, socket) => {
    seen.push(one)
    if (isAsked(one)) socket.write(sent(ping, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8]))
    if (one.type === ping) socket.write(sent(resetStream, 0, 1, uint32(8)))
  })
  t.match(await ask(Buffer.from('question')), /reset the call with HTTP\/2 code 8/)
  t.match(
    seen.find(({ type }) => type === ping),
    { flags: ack, body: Buffer.from([1, 2, 3, 4, 5, 6, 7, 8]) },
  )
  t.ok(seen.some(({ type, flags }) => type === settings && flags === ack))
})

t.test('windows are kept to, and whatever widens them lets the rest of a body through', async t => {
  const message = Buffer.alloc(100_000, 5)
  const parts: Buffer[] = []
  let isWidened = false
  const { ask } = await clientOf(t, (seen, socket) => {
    if (seen.type !== data) return
    parts.push(seen.body)
    const received = parts.reduce((sum, { length }) => sum + length, 0)
    if (received === 65_535 && !isWidened) {
      isWidened = true
      // The call's window by way of the settings, then that of the connection.
      socket.write(sent(settings, 0, 0, [0, Setting.initialWindowSize, ...uint32(200_000)]))
      socket.write(sent(windowUpdate, 0, 0, uint32(100_000)))
    }
    if (isAsked(seen))
      socket.write(
        Buffer.concat([
          sent(headers, endHeaders, seen.stream, ok),
          sent(data, 0, seen.stream, answer),
          sent(headers, endHeaders | endStream, seen.stream, trailers),
        ]),
      )
  })
  t.equal(await ask(message), 'answer')
  t.ok(isWidened)
  t.ok(Buffer.concat(parts).equals(framed(message)))
})

t.test('a server that goes away answers what it took; the rest fails', async t => {
  const { ask } = await clientOf(
    t,
    (seen, socket) => {
      if (!isAsked(seen) || seen.stream !== 3) return
      socket.write(sent(goAway, 0, 0, [...uint32(1), ...uint32(0)]))
      socket.write(sent(headers, endHeaders, 1, ok))
      socket.write(sent(data, 0, 1, answer))
      socket.write(sent(headers, endHeaders | endStream, 1, trailers))
    },
    2,
  )
  const all = await Promise.all(['taken', 'refused', 'waiting'].map(text => ask(Buffer.from(text))))
  t.match(all, ['answer', /went away/, /went away/])
  t.match(await ask(Buffer.from('late')), /went away/)
})

t.test('a frame that is too large ends the connection, and says why', async t => {
  const { ask } = await clientOf(t, (seen, socket) => {
    if (isAsked(seen)) socket.write(Buffer.from([1, 0, 0, 0, 0, 0, 0, 0, 1]))
  })
  t.equal(await ask(Buffer.from('question')), 'the server sent a frame of 65536 bytes')
})

t.test('a server that goes away because of an error answers nothing any more', async t => {
  const { ask } = await clientOf(t, (seen, socket) => {
    if (isAsked(seen)) socket.write(sent(goAway, 0, 0, [...uint32(1), ...uint32(9)]))
  })
  t.match(await ask(Buffer.from('question')), /went away with HTTP\/2 code 9/)
})
