import { encodeReportRequest, globalWords } from '@outboard/adapters-sdk/client'
import t from 'tap'
import { settled } from '../support/manual-clock.js'
import { clientOf, request } from './asking.js'
import { ScriptedServer } from './scripted-server.js'

const entry = (nth: number) => request({ 'source.user': `user-${nth}`, 'request.path': '/a' })
const sizes = (server: ScriptedServer) =>
  server.reports.map(({ attributes }) => (Array.isArray(attributes) ? attributes.length : 0))

t.test('a batch goes when it is full', async t => {
  const { client, server, clock } = clientOf(new ScriptedServer())
  for (let nth = 0; nth < 99; nth++) t.equal(client.report(entry(nth)), 'waiting')
  t.same(sizes(server), [])
  client.report(entry(99))
  t.same(sizes(server), [100])
  t.equal(clock.pending, 1, 'only the call has a timer')
  await settled()
  t.match(client.statistics(), { reports: 100, reportCalls: 1, reportsDelivered: 100 })
})

t.test('a batch goes a second after its first entry', async t => {
  const { client, server, clock } = clientOf(new ScriptedServer())
  client.report(entry(0))
  clock.advance(900)
  client.report(entry(1))
  clock.advance(99)
  t.same(sizes(server), [])
  clock.advance(1)
  t.same(sizes(server), [2])
  client.report(entry(2))
  clock.advance(999)
  t.same(sizes(server), [2])
  clock.advance(1)
  t.same(sizes(server), [2, 1])
})

t.test('a report has the words once, and independent entries', async t => {
  const { client, server } = clientOf(new ScriptedServer(), { globalWordCount: 111 })
  client.report(entry(0))
  client.report(request({ 'request.headers': {}, 'source.user': 'user-0', 'x.y': '/a' }))
  await client.flush()
  t.match(server.reports[0], { repeated_attributes_semantics: 1, global_word_count: 111 })
  t.same(server.reports[0]?.default_words, ['user-0', '/a', 'x.y'])
  t.same(server.reports[0]?.attributes, [{ strings: { 6: -1, 17: -2 } }, { strings: { 6: -1, '-3': -2 } }])
})

t.test('entries do not change after they were given', async t => {
  const { client, server } = clientOf(new ScriptedServer())
  const live: Record<string, string> = { path: 'before' }
  client.report(request({ 'request.headers': live }))
  live.path = 'after'
  await client.flush()
  t.same(server.reports[0]?.default_words, ['path', 'before'])
})

t.test('a failed batch is lost and counted, and is not sent again', async t => {
  const server = new ScriptedServer(undefined, nth =>
    nth === 1 ? { status: { code: 14, message: 'gone' } } : { answer: {} },
  )
  const { client } = clientOf(server, { reportBatchEntries: 3, retries: 5 })
  for (let nth = 0; nth < 6; nth++) client.report(entry(nth))
  await client.flush()
  t.same(sizes(server), [3, 3])
  t.match(client.statistics(), { reportsDelivered: 3, reportsLostFailed: 3, remoteRetries: 0 })
})

t.test('calls and waiting entries are bounded; what is beyond is lost and counted', async t => {
  const server = new ScriptedServer()
  const { client } = clientOf(server, { reportBatchEntries: 2, reportMaxCalls: 2, reportMaxWaiting: 5 })
  server.hold()
  const said: string[] = []
  for (let nth = 0; nth < 12; nth++) said.push(client.report(entry(nth)))
  t.same(sizes(server), [2, 2])
  t.same(said, [...Array(9).fill('waiting'), ...Array(3).fill('lost')])
  server.release()
  await client.flush()
  t.same(sizes(server), [2, 2, 2, 2, 1])
  t.match(client.statistics(), { reports: 12, reportsDelivered: 9, reportsLostFull: 3 })
})

t.test(
  'a batch that is too long is split; an entry that is too long, or no value, is lost alone',
  async t => {
    const { client, server } = clientOf(new ScriptedServer(), { reportMaxBytes: 10_000 })
    for (let nth = 0; nth < 8; nth++) client.report(request({ 'source.user': `${nth}`.repeat(3_000) }))
    client.report(request({ 'source.user': 'x'.repeat(10_000) }))
    client.report({ 'request.time': { type: 'TIMESTAMP', value: { seconds: 0.5, nanos: 0 } } })
    await client.flush()
    t.equal(
      sizes(server).reduce((sum, size) => sum + size, 0),
      8,
    )
    t.ok(sizes(server).every(size => size <= 3))
    t.match(client.statistics(), { reportsDelivered: 8, reportsLostUnencodable: 2 })
  },
)

t.test('fewer words also for reports, without losing the batch', async t => {
  const server = new ScriptedServer(undefined, nth =>
    nth === 1
      ? { status: { code: 3, message: 'Request could not be processed due to invalid dictionary' } }
      : { answer: {} },
  )
  const { client } = clientOf(server)
  client.report(entry(0))
  await client.flush()
  t.same(
    server.reports.map(({ global_word_count }) => global_word_count),
    [222, 111],
  )
  t.match(client.statistics(), { reportsDelivered: 1, dictionaryFallbacks: 1 })
})

t.test('closing sends what waits, and takes nothing more', async t => {
  const { client, server, clock } = clientOf(new ScriptedServer())
  client.report(entry(0))
  await client.close()
  t.same(sizes(server), [1])
  t.equal(client.report(entry(1)), 'lost')
  t.match(client.statistics(), { reportsDelivered: 1, reportsLostClosed: 1 })
  t.equal(clock.pending, 0)
  t.equal(server.closed, 1)
})

t.test('closing waits no longer than for one answer, whatever waits', async t => {
  const server = new ScriptedServer(undefined, () => 'nothing')
  const { client, clock } = clientOf(server, { reportBatchEntries: 1, reportMaxCalls: 1, timeoutMs: 300 })
  for (let nth = 0; nth < 20; nth++) client.report(entry(nth))
  const closed = client.close()
  clock.advance(300)
  await closed
  t.match(client.statistics(), { reports: 20, reportsDelivered: 0, reportsLostFailed: 20 })
  t.equal(clock.pending, 0)
})

t.test('a flush does not wait for what is reported after it', async t => {
  const server = new ScriptedServer()
  const { client } = clientOf(server, { reportBatchEntries: 2, reportMaxCalls: 1 })
  server.hold()
  for (let nth = 0; nth < 5; nth++) client.report(entry(nth))
  let flushed = false
  const flush = client.flush().then(() => {
    flushed = true
  })
  for (let nth = 0; nth < 20 && !flushed; nth++) {
    // One answer, and others report: there is always a call under way.
    server.release()
    server.hold()
    for (let more = 0; more < 2; more++) client.report(entry(nth))
    await settled()
    if (!flushed) t.ok(client.statistics().reportsDelivered < 6)
  }
  t.ok(flushed)
  t.ok(client.statistics().reportsDelivered >= 5)
  server.release()
  await flush
})

t.test('entries that wait are bounded in bytes; what is beyond is lost and counted', async t => {
  const server = new ScriptedServer()
  const { client } = clientOf(server, { reportMaxWaitingBytes: 100_000, reportBatchEntries: 2 })
  server.hold()
  const large = request({ 'request.headers': { cookie: 'x'.repeat(10_000) } })
  const said = () => Array.from({ length: 10 }, () => client.report(large))
  t.same(said(), [...Array(4).fill('waiting'), ...Array(6).fill('lost')], 'with those under way')
  t.equal(client.report(request({ 'source.user': 'x'.repeat(100_000) })), 'lost', 'larger than all')
  t.equal(client.report(entry(0)), 'waiting', 'small ones still have room')
  server.release()
  await client.flush()
  t.same(said().slice(0, 4), Array(4).fill('waiting'), 'what was delivered leaves room')
  t.match(client.statistics(), { reportsLostFull: 13, reportsDelivered: 5 })
})

t.test('a batch that is too long with fewer words is split', async t => {
  const server = new ScriptedServer(undefined, nth =>
    nth === 1
      ? { status: { code: 3, message: 'Request could not be processed due to invalid dictionary' } }
      : { answer: {} },
  )
  // Words beyond the first 111 are numbers at first, and texts once the server is known not to have them.
  const late = globalWords.slice(150, 170)
  const half = (from: number) =>
    request(Object.fromEntries(late.slice(from, from + 10).map(name => [name, 'v'])))
  const sets = [half(0), half(10)]
  const lengthOf = (some: typeof sets, globalWordCount: number) =>
    encodeReportRequest({ sets: some, globalWordCount }).length
  const reportMaxBytes = Math.max(...sets.map(one => lengthOf([one], 111)))
  t.ok(lengthOf(sets, 222) <= reportMaxBytes && lengthOf(sets, 111) > reportMaxBytes)
  const { client } = clientOf(server, { reportMaxBytes })
  for (const set of sets) client.report(set)
  await client.flush()
  t.same(sizes(server), [2, 1, 1])
  t.match(client.statistics(), { reportsDelivered: 2, dictionaryFallbacks: 1, reportsLostUnencodable: 0 })
})
