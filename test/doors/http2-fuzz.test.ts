import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import fc from 'fast-check'
import t from 'tap'
import { HpackDecoder } from '../../src/mixer/doors/http2/hpack.js'
import { ask, frame, server } from './http2-server.js'
import { frameType, messageFrame, requestBlock } from './raw-http2.js'

const runs = Number(process.env.OUTBOARD_FUZZ ?? 150)

function frameBytes(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

const hello = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  frameBytes(frameType.settings, 0, 0, Buffer.alloc(0)),
])
/** What a client may say after its greeting: a little of everything. */
const talk = Buffer.concat([
  frameBytes(frameType.headers, 4, 1, requestBlock('/test.Echo/Unary')),
  frameBytes(frameType.data, 1, 1, messageFrame('one')),
  frameBytes(frameType.headers, 4, 3, requestBlock('/test.Echo/Stream', 'grpc-encoding', 'gzip')),
  frameBytes(frameType.data, 0, 3, messageFrame('two')),
  frameBytes(frameType.windowUpdate, 0, 3, Buffer.from([0, 0, 1, 0])),
  frameBytes(frameType.ping, 0, 0, Buffer.alloc(8)),
  frameBytes(frameType.settings, 0, 0, Buffer.from([0, 4, 0, 0, 0, 9])),
  frameBytes(frameType.headers, 0, 5, requestBlock('/test.Echo/Unary').subarray(0, 10)),
  frameBytes(frameType.continuation, 4, 5, requestBlock('/test.Echo/Unary').subarray(10)),
  frameBytes(frameType.data, 0, 5, messageFrame('three')),
  frameBytes(frameType.rstStream, 0, 5, Buffer.from([0, 0, 0, 8])),
  frameBytes(frameType.data, 1, 3, messageFrame('four')),
])

const mutations = fc.array(
  fc.tuple(fc.nat(talk.length - 1), fc.nat(255), fc.constantFrom('set', 'cut', 'insert', 'remove')),
  { minLength: 1, maxLength: 6 },
)

t.test('connections that say anything at all harm nobody else', async t => {
  const { address, session, counts } = await server(t)
  const port = Number(address.split(':')[1])
  await fc.assert(
    fc.asyncProperty(mutations, async changes => {
      let bytes = Buffer.from(talk)
      for (const [place, byte, how] of changes) {
        const at = Math.min(place, bytes.length)
        if (how === 'set') bytes[at] = byte
        else if (how === 'cut') bytes = bytes.subarray(0, at)
        else if (how === 'insert')
          bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from([byte]), bytes.subarray(at)])
        else bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)])
      }
      const socket = connectTcp(port, '127.0.0.1')
      socket.on('error', () => {})
      socket.resume()
      socket.write(hello)
      socket.end(bytes)
      await once(socket, 'close')
    }),
    { numRuns: runs },
  )
  const { status } = await ask(session, {}, [frame('still here')])
  t.equal(status, '0')
  t.ok((counts.get('door_connection_errors') ?? 0) > 0, 'some were faults')
  t.equal(counts.get('door_faults{method="/test.Echo/Unary"}'), undefined)
})

t.test('a header block of any bytes is read or refused, and never throws', t => {
  const decoder = new HpackDecoder()
  const outcomes = { read: 0, refused: 0 }
  const blocks = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    mutations.map(changes => {
      const bytes = Buffer.from(requestBlock('/test.Echo/Unary'))
      for (const [place, byte] of changes) bytes[place % bytes.length] = byte
      return bytes
    }),
  )
  fc.assert(
    fc.property(blocks, block => {
      if (decoder.decode(Buffer.from(block)) === undefined) outcomes.refused++
      else outcomes.read++
    }),
    { numRuns: runs * 20 },
  )
  t.ok(outcomes.read > 0 && outcomes.refused > 0, JSON.stringify(outcomes))
  t.end()
})
