import { connect, createServer, type ServerHttp2Session } from 'node:http2'
import fc from 'fast-check'
import t from 'tap'
import { lightenSession, StreamTable } from '../../src/mixer/doors/http2/stream-table.js'

const id = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 2 ** 31 - 1 }))
const step = fc.oneof(
  fc.record({ do: fc.constant('set' as const), id, value: fc.nat() }),
  fc.record({ do: fc.constant('delete' as const), id }),
  fc.record({ do: fc.constant('clear' as const) }),
)

t.test('a table of streams is what a Map is, whatever is done to it', async t => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), steps => {
      const table = new StreamTable<number>()
      const map = new Map<number, number>()
      for (const one of steps) {
        if (one.do === 'set') {
          table.set(one.id, one.value)
          map.set(one.id, one.value)
        } else if (one.do === 'delete') {
          if (table.delete(one.id) !== map.delete(one.id)) return false
        } else if (map.size > 100) {
          table.clear()
          map.clear()
        }
        if (table.size !== map.size) return false
      }
      const sorted = (entries: Iterable<[number, number]>) => [...entries].sort(([a], [b]) => a - b)
      t.same(sorted(table), sorted(map))
      const told: [number, number][] = []
      table.forEach((value, key) => {
        told.push([key, value])
      })
      t.same(sorted(told), sorted(map))
      t.same([...table.keys()].length, map.size)
      t.same([...table.values()].length, map.size)
      return [...map].every(([key, value]) => table.get(key) === value && table.has(key))
    }),
    { numRuns: 200 },
  )
})

t.test('streams that come and go in order stay in the places there are', async t => {
  const table = new StreamTable<number>()
  for (let stream = 1; stream < 20_000; stream += 2) {
    table.set(stream, stream)
    if (stream > 20) t.equal(table.delete(stream - 20), true)
  }
  t.equal(table.size, 10)
  t.same(
    [...table.keys()].sort((a, b) => a - b),
    Array.from({ length: 10 }, (_, i) => 19_981 + 2 * i),
  )
})

t.test('one that is deleted while the table is walked is not met any more', async t => {
  const table = new StreamTable<number>()
  for (let stream = 1; stream <= 15; stream += 2) table.set(stream, stream)
  const met: number[] = []
  table.forEach((_, stream) => {
    met.push(stream)
    table.delete(stream + 2)
  })
  t.same(met, [1, 5, 9, 13])
})

t.test('this Node keeps its streams where it did: a connection is lightened, and works', async t => {
  const server = createServer()
  const done: ('lightened' | 'left')[] = []
  server.on('session', (session: ServerHttp2Session) => {
    done.push(lightenSession(session), lightenSession(session))
  })
  server.on('stream', stream => {
    stream.respond({ ':status': 200 })
    stream.end('hello')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const place = server.address()
  const client = connect(`http://127.0.0.1:${typeof place === 'object' && place !== null ? place.port : 0}`)
  const ask = () =>
    new Promise<string>((resolve, reject) => {
      let text = ''
      const stream = client.request({ ':path': '/' })
      stream.setEncoding('utf8')
      stream.on('data', part => {
        text += part
      })
      stream.on('error', reject)
      stream.on('end', () => resolve(text))
    })
  t.same(
    await Promise.all(Array.from({ length: 90 }, ask)),
    Array.from({ length: 90 }, () => 'hello'),
  )
  t.same(done, ['lightened', 'left'], 'once is enough')
  await new Promise<void>(resolve => client.close(resolve))
  await new Promise<void>(resolve => server.close(() => resolve()))
})

t.test('what is no connection of this Node is left alone', async t => {
  for (const other of [
    {},
    { [Symbol('state')]: undefined },
    { [Symbol('state')]: { streams: new Map([[1, 1]]) } },
  ]) {
    t.equal(lightenSession(other), 'left')
  }
})
