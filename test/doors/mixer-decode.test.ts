import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { globalWords } from '../../src/mixer/doors/mixer/dictionary.js'
import { mixerService } from '../../src/mixer/doors/mixer/service.js'
import { WireWriter } from '../../src/mixer/doors/wire/writer.js'
import { encode } from './protos.js'
import { connected } from './serving.js'
import { contents, counting, decided, realClock, scripted } from './support.js'

/** What the engine gets for a CheckRequest, and what was counted. */
async function checked(t: Test, message: Record<string, unknown> | Buffer) {
  const { telemetry, counts } = counting()
  let seen: Record<string, unknown> = {}
  const engine = scripted({
    check: bag => {
      seen = contents(bag)
      return decided(bag)
    },
  })
  const service = mixerService({ engine, telemetry, clock: realClock })
  const client = await connected(t, { kind: 'grpc-js', services: [service] })
  const bytes = Buffer.isBuffer(message) ? message : encode('istio.mixer.v1.CheckRequest', message)
  const { code } = await client.call('/istio.mixer.v1.Mixer/Check', bytes)
  t.equal(code, 0)
  return {
    seen,
    dropped: (why: string) => counts.get(`door_attributes_dropped{door="mixer",reason="${why}"}`),
  }
}

const word = (text: string) => globalWords.indexOf(text)

t.test('the global dictionary is the one of Mixer 1.5', t => {
  const file = readFileSync('proto/mixer/global-dictionary.txt')
  const hash = createHash('sha256').update(file).digest('hex')
  t.equal(hash, '1bafd87f657b41be5a5b3060fe541d27511aab984ed1839f275036b03f164e22')
  t.equal(globalWords.length, 222)
  t.match({ ...globalWords }, { 0: 'source.ip', 94: "'200'", 110: 'text/plain; charset=utf-8', 218: '"-"' })
  t.end()
})

t.test('a name in both dictionaries is found under either number', async t => {
  const { seen } = await checked(t, {
    attributes: {
      words: ['source.user', 'jane', 'request.method'],
      strings: { [word('source.user')]: -2, '-3': -2 },
    },
  })
  t.same(seen, { 'source.user': 'jane', 'request.method': 'jane' })
})

t.test('under both numbers, the message word counts', async t => {
  const { seen } = await checked(t, {
    attributes: { words: ['source.user', 'a', 'b'], strings: { '-1': -3, [word('source.user')]: -2 } },
  })
  t.same(seen, { 'source.user': 'b' })
})

t.test('a name in several typed maps has the type of the first, in Mixer’s order', async t => {
  const { seen, dropped } = await checked(t, {
    attributes: {
      words: ['x'],
      strings: { [word('source.user')]: -1, [word('request.size')]: -1 },
      int64s: { [word('source.user')]: 5, [word('request.size')]: 5 },
      string_maps: { [word('source.user')]: { entries: {} } },
    },
  })
  t.same(seen, { 'source.user': 'x' }, 'request.size is a string first, and so absent')
  t.equal(dropped('wrong_type'), 1)
})

t.test('a number that is in no dictionary makes its attribute absent, and nothing else', async t => {
  const { seen, dropped } = await checked(t, {
    attributes: {
      words: ['x'],
      strings: { [word('source.user')]: -2, [word('request.method')]: 222, 500: -1, '-9': -1 },
      string_maps: {
        [word('request.headers')]: { entries: { '-1': -1, '-7': -1 } },
      },
      int64s: { [word('request.size')]: 5 },
    },
  })
  t.same(seen, { 'request.size': 5 })
  t.equal(dropped('bad_index'), 5)
})

t.test('a value of another type than declared is absent, and counted', async t => {
  const { seen, dropped } = await checked(t, {
    attributes: {
      words: ['x'],
      strings: { [word('request.size')]: -1 },
      int64s: { [word('source.user')]: 1, [word('response.duration')]: 1 },
      bytes: { [word('source.ip')]: Buffer.from([1, 2, 3]) },
      timestamps: { [word('request.time')]: { seconds: 0, nanos: -1 } },
      durations: { [word('response.duration')]: { seconds: '9223372037' } },
    },
  })
  t.same(seen, {})
  t.equal(dropped('wrong_type'), 3)
  t.equal(dropped('bad_value'), 2)
})

t.test('attributes that are not declared are passed over, whatever they hold', async t => {
  const { seen, dropped } = await checked(t, {
    attributes: { words: ['nobody.knows'], strings: { '-1': -9 }, bytes: { '-1': Buffer.alloc(9) } },
  })
  t.same(seen, {})
  t.equal(dropped('bad_index'), undefined)
})

t.test('missing keys and values mean number 0, as proto3 leaves zeros out', async t => {
  // strings { } is name 0 and word 0; string_maps { 15: { entries { } } } maps word 0 to word 0.
  const entry = Buffer.from([0x12, 0x00])
  const headers = Buffer.from([0x4a, 0x06, 0x08, 0x1e, 0x12, 0x02, 0x0a, 0x00])
  const { seen, dropped } = await checked(t, wrapped(Buffer.concat([entry, headers])))
  t.same(seen, { 'request.headers': { 'source.ip': 'source.ip' } })
  t.equal(dropped('wrong_type'), 1, 'source.ip is no string')
})

t.test('fields may come in any order: the key behind the value, the words behind everything', async t => {
  const strings = Buffer.from([0x12, 0x04, 0x10, 0x01, 0x08, 0x0c])
  const words = Buffer.from([0x0a, 0x01, 0x78])
  const { seen } = await checked(t, wrapped(Buffer.concat([strings, words])))
  t.same(seen, { 'source.user': 'x' })
})

t.test('the last of several entries for one name counts', async t => {
  const words = Buffer.from([0x0a, 0x01, 0x78, 0x0a, 0x01, 0x79])
  const first = Buffer.from([0x12, 0x04, 0x08, 0x0c, 0x10, 0x01])
  const second = Buffer.from([0x12, 0x04, 0x08, 0x0c, 0x10, 0x03])
  const { seen } = await checked(t, wrapped(Buffer.concat([words, first, second])))
  t.same(seen, { 'source.user': 'y' })
})

/** Bytes of CompressedAttributes as a CheckRequest. */
function wrapped(attributes: Buffer): Buffer {
  const writer = new WireWriter()
  writer.bytes(1, attributes)
  return writer.finish()
}
