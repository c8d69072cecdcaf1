import { FrameSplitter, socketFrame } from '@outboard/adapters-sdk/protocol'
import fc from 'fast-check'
import t from 'tap'

/** The bytes, cut at places that do not care about frames. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set(places.map(place => place % (bytes.length + 1)))].sort((a, b) => a - b)
  return [0, ...at].map((from, i) => bytes.subarray(from, at[i] ?? bytes.length))
}

t.test(
  'Whatever the pieces in which bytes arrive, the frames are those that were sent, in order',
  async t => {
    const frames = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 })
    const places = fc.array(fc.nat(), { maxLength: 40 })
    fc.assert(
      fc.property(frames, places, (sent, places) => {
        const heard: string[] = []
        const splitter = new FrameSplitter(300, frame => heard.push(frame.toString('hex')))
        for (const piece of cut(Buffer.concat(sent.map(socketFrame)), places)) splitter.push(piece)
        t.same(
          heard,
          sent.map(frame => Buffer.from(frame).toString('hex')),
        )
      }),
      { numRuns: 300 },
    )
  },
)

t.test('A frame that comes byte by byte is put together once', async t => {
  const heard: Buffer[] = []
  const splitter = new FrameSplitter(1_000_000, frame => heard.push(frame))
  const bytes = socketFrame(Buffer.alloc(100_000, 7))
  for (let at = 0; at < bytes.length; at++) splitter.push(bytes.subarray(at, at + 1))
  t.same(
    heard.map(frame => [frame.length, frame.every(byte => byte === 7)]),
    [[100_000, true]],
  )
})

t.test('A frame above the limit is refused by its length, before its bytes are there', async t => {
  const heard: Buffer[] = []
  const splitter = new FrameSplitter(10, frame => heard.push(frame))
  splitter.push(socketFrame(Buffer.alloc(10)))
  t.equal(heard.length, 1, 'the limit itself is taken')
  t.throws(() => splitter.push(Buffer.from([0, 0, 0, 11])), { code: 'PROTOCOL_FRAME_TOO_LARGE' })
  const other = new FrameSplitter(10, () => {})
  t.throws(() => other.push(Buffer.from([0xff, 0xff, 0xff, 0xff])), { code: 'PROTOCOL_FRAME_TOO_LARGE' })
})

t.test('A frame in one piece is a view of it: nothing is copied', async t => {
  const chunk = socketFrame(Buffer.from('abc'))
  const splitter = new FrameSplitter(10, frame => t.equal(frame.buffer, chunk.buffer))
  splitter.push(chunk)
  t.equal(chunk.toString('hex'), '00000003616263', 'four bytes of length, then the frame')
})
