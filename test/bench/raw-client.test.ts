import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import t, { type Test } from 'tap'
import { bareEnd, bareStart, Flag, FrameType } from '../../src/bench/load/frames.js'
import { literalFields, readAnswerFields, requestBlocks } from '../../src/bench/load/hpack.js'
import { huffmanText } from '../../src/bench/load/huffman.js'
import { RawClient } from '../../src/bench/load/raw-client.js'
import { framed } from '../../src/bench/load/unary-client.js'

t.test('huffmanText reads the examples of RFC 7541', async t => {
  const examples = [
    ['f1e3c2e5f23a6ba0ab90f4ff', 'www.example.com'],
    ['a8eb10649cbf', 'no-cache'],
    ['6402', '302'],
    ['aec3771a4b', 'private'],
    ['9d29ad171863c78f0b97c8e9ae82ae43d3', 'https://www.example.com'],
  ] as const
  for (const [hex, text] of examples) t.equal(huffmanText(Buffer.from(hex, 'hex')), text)
  t.equal(huffmanText(Buffer.from('ffffffff', 'hex')), '…', 'what no gRPC header has')
})

t.test(
  'readAnswerFields reads indexed fields, literals of all kinds, and changes of the table’s size',
  async t => {
    const status = Buffer.from([0x88])
    const resize = Buffer.from([0x20])
    const literal = literalFields([
      ['grpc-status', '5'],
      ['grpc-message', 'no%20such'],
      ['other', 'field'],
    ])
    t.same(readAnswerFields(Buffer.concat([resize, status, literal])), {
      httpStatus: 200,
      grpcStatus: '5',
      grpcMessage: 'no%20such',
    })
    const named = Buffer.concat([Buffer.from([0x48, 3]), Buffer.from('503')])
    t.equal(readAnswerFields(named).httpStatus, 503, 'a literal with the name of an entry')
    for (const hex of ['be', 'c0', '0001', '1f', '00ff', '8f8f'])
      if (hex === '8f8f') t.same(readAnswerFields(Buffer.from(hex, 'hex')).httpStatus, undefined)
      else t.throws(() => readAnswerFields(Buffer.from(hex, 'hex')))
  },
)

t.test('bareStart and bareEnd take padding and priority away', async t => {
  const bare = (type: number, flags: number, ...body: number[]) => {
    const bytes = Buffer.from([0, ...body])
    return [...bytes.subarray(bareStart(type, flags, 1), bareEnd(type, flags, bytes, 1, bytes.length))]
  }
  t.same(bare(FrameType.data, Flag.padded, 2, 1, 2, 3, 0, 0), [1, 2, 3])
  t.same(bare(FrameType.headers, Flag.priority, 0, 0, 0, 0, 9, 7), [7])
  t.same(bare(FrameType.headers, Flag.padded | Flag.priority, 1, 0, 0, 0, 0, 9, 7, 0), [7])
  t.same(bare(FrameType.data, 0, 2, 1, 2), [2, 1, 2])
  t.same(bare(FrameType.data, Flag.padded, 9, 1, 2), [], 'more padding than there is')
})

/** A server on node:http2 that is as stingy as its settings say. */
async function serverOf(
  t: Test,
  settings: { initialWindowSize?: number; maxConcurrentStreams?: number; headerTableSize?: number },
  answer: (stream: ServerHttp2Stream, body: Buffer, headers: IncomingHttpHeaders) => void,
) {
  const server = createServer({ settings })
  server.on('stream', (stream, headers) => {
    const parts: Buffer[] = []
    stream.on('data', (part: Buffer) => parts.push(part))
    stream.on('end', () => answer(stream, Buffer.concat(parts), headers))
    stream.on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const client = await RawClient.open({
    address: `127.0.0.1:${port}`,
    path: '/bench.Echo/Echo',
    connections: 1,
  })
  t.teardown(() => client.close())
  return client
}

function echo(stream: ServerHttp2Stream, body: Buffer): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  stream.end(body)
}

function called(client: RawClient, request: Buffer) {
  return new Promise<{ failure: string | undefined; answer: Buffer | undefined }>(resolve => {
    let answer: Buffer | undefined
    const problemOf = (bytes: Buffer, start: number, end: number) => {
      answer = Buffer.from(bytes.subarray(start, end))
      return undefined
    }
    client.call(0, { message: framed(request), problemOf }, failure => resolve({ failure, answer }))
  })
}

t.test('RawClient keeps to the windows and the number of streams that a server allows', async t => {
  let underWay = 0
  let most = 0
  const client = await serverOf(t, { initialWindowSize: 1_000, maxConcurrentStreams: 3 }, (stream, body) => {
    most = Math.max(most, ++underWay)
    setTimeout(() => {
      underWay--
      echo(stream, body)
    }, 2)
  })
  const requests = Array.from({ length: 20 }, (_, i) => Buffer.alloc(40_000 + i, i))
  const answers = await Promise.all(requests.map(request => called(client, request)))
  for (const [i, { failure, answer }] of answers.entries()) {
    t.equal(failure, undefined)
    t.ok(answer?.equals(requests[i] ?? Buffer.alloc(0)), `the echo of ${i}`)
  }
  t.ok(most <= 3, `${most} at once`)
})

t.test(
  'RawClient says the same of each call, by the table of a server that keeps one, and without',
  async t => {
    for (const headerTableSize of [4_096, 0]) {
      const seen: IncomingHttpHeaders[] = []
      const client = await serverOf(t, { headerTableSize }, (stream, body, headers) => {
        seen.push(Object.fromEntries(Object.entries(headers)))
        echo(stream, body)
      })
      for (let i = 0; i < 3; i++) await called(client, Buffer.from('question'))
      const fields = {
        ':method': 'POST',
        ':scheme': 'http',
        ':path': '/bench.Echo/Echo',
        ':authority': 'localhost',
        'content-type': 'application/grpc',
        te: 'trailers',
      }
      t.same(seen, [fields, fields, fields], `a table of ${headerTableSize} bytes`)
    }
    const later = requestBlocks([
      [':method', 'POST'],
      ['a', 'b'],
      ['c', 'd'],
    ]).later
    t.same([...later], [0x83, 0x80 | 63, 0x80 | 62], 'the newest entry of the table has the least number')
    const many = (count: number) => Array.from({ length: count }, (_, i) => [`n${i}`, ''] as const)
    t.equal(requestBlocks(many(65)).later[0], 0x80 | 126, 'the oldest entry of the most that there may be')
    t.throws(() => requestBlocks(many(66)), RangeError)
    t.throws(
      () => requestBlocks(Array.from({ length: 60 }, (_, i) => [`name-${i}`, 'x'.repeat(100)])),
      RangeError,
    )
  },
)

t.test('RawClient tells apart what can go wrong', async t => {
  const generous = { initialWindowSize: 65_535, maxConcurrentStreams: 100 }
  const cases: readonly (readonly [(stream: ServerHttp2Stream) => void, RegExp])[] = [
    [stream => stream.respond({ ':status': 503 }, { endStream: true }), /HTTP status 503/],
    [stream => stream.respond({ ':status': 200 }, { endStream: true }), /no grpc-status/],
    [
      stream =>
        stream.respond(
          { ':status': 200, 'grpc-status': '5', 'grpc-message': 'no%20such' },
          { endStream: true },
        ),
      /gRPC status 5 no such/,
    ],
    [stream => stream.close(8), /reset the call with HTTP\/2 code 8/],
    [stream => stream.session?.destroy(), /went away/],
    [stream => echo(stream, Buffer.from([0, 0, 0, 0, 9, 1])), /no whole message/],
  ]
  for (const [answer, expected] of cases) {
    const client = await serverOf(t, generous, answer)
    t.match((await called(client, Buffer.from('x'))).failure, expected)
  }
})
