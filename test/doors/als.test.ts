import t from 'tap'
import { Instant } from '../../src/mixer/attributes/index.js'
import type { ReportAnswer } from '../../src/mixer/engine/api.js'
import { message, ms, stream } from './als-stream.js'
import { serverKinds } from './serving.js'

t.test('als reports nothing twice: only ends, unless all entries are asked for', async t => {
  const types = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]
  const log_entry = types.map(access_log_type => ({ common_properties: { access_log_type } }))
  const old = { common_properties: { intermediate_log_entry: true } }
  for (const [entries, wanted] of [
    ['end', 4],
    ['all', 16],
  ] as const) {
    const { call, result, bags, counts } = await stream(t, { options: { entries } })
    call.write(message({ http_logs: { log_entry: [...log_entry, old] } }))
    call.end()
    await result
    t.equal(bags.length, wanted)
    t.equal(counts.get('door_log_entries{door="als",fate="not_an_end"}') ?? 0, 16 - wanted)
  }
})

t.test('als gives a TCP connection its totals, and what was added since the last entry', async t => {
  const entry = (access_log_type: number, received_bytes: number, sent_bytes: number, stream_id = 'c') => ({
    common_properties: { access_log_type, stream_id, duration: ms(5) },
    connection_properties: { received_bytes, sent_bytes },
  })
  const { call, result, bags } = await stream(t, { options: { entries: 'all' } })
  const log_entry = [entry(14, 0, 0), entry(2, 10, 1), entry(2, 15, 1, 'd'), entry(2, 25, 4), entry(3, 30, 4)]
  call.write(message({ tcp_logs: { log_entry } }))
  call.end()
  await result
  t.same(
    bags.map(bag => [
      bag['connection.event'],
      bag['connection.received.bytes'],
      bag['connection.received.bytes_total'],
      bag['connection.sent.bytes'],
      bag['connection.id'],
    ]),
    [
      ['open', 0, 0, 0, 'c'],
      ['continue', 10, 10, 1, 'c'],
      ['continue', 15, 15, 1, 'd'],
      ['continue', 15, 25, 3, 'c'],
      ['close', 5, 30, 0, 'c'],
    ],
  )
  t.match(bags.at(-1), { 'context.protocol': 'tcp', 'connection.duration': 5_000_000 })
  t.match(bags[0]?.['context.time'], new Instant(1_700_000_000, 500_000_000))
})

t.test('als takes an entry for the last of its connection only when it is', async t => {
  const entry = (access_log_type: number, received_bytes: number, more = {}) => ({
    common_properties: { access_log_type, stream_id: 'u', ...more },
    connection_properties: { received_bytes },
  })
  const { call, result, bags } = await stream(t, { options: { entries: 'all' } })
  const udp = [entry(11, 0), entry(12, 10), entry(12, 30), entry(13, 31)]
  const old = [entry(0, 5, { intermediate_log_entry: true }), entry(0, 9)]
  call.write(message({ tcp_logs: { log_entry: [...udp, ...old, entry(99, 1)] } }))
  call.end()
  await result
  t.same(
    bags.map(bag => `${bag['connection.event']} ${bag['connection.received.bytes']}`),
    ['continue 0', 'continue 10', 'continue 20', 'close 1', 'continue 5', 'close 4', 'continue 1'],
  )
})

t.test('als gives an entry that does not tell its connection its totals, and no id', async t => {
  const entry = (received_bytes: number, common_properties = {}) => ({
    common_properties: { access_log_type: 2, ...common_properties },
    connection_properties: { received_bytes },
  })
  const local = { downstream_local_address: { socket_address: { address: '10.0.0.1', port_value: 7 } } }
  const { call, result, bags } = await stream(t, { options: { entries: 'all' } })
  call.write(message({ tcp_logs: { log_entry: [entry(10), entry(30), entry(4, local), entry(5, local)] } }))
  call.end()
  await result
  t.same(
    bags.map(bag => [bag['connection.id'], bag['connection.received.bytes']]),
    [
      [undefined, 10],
      [undefined, 30],
      ['/:/10.0.0.1:7', 4],
      ['/:/10.0.0.1:7', 1],
    ],
  )
})

t.test('als reads what Envoy’s network filter was told of our decision', async t => {
  const decision = { fields: { code: { numberValue: 7 }, message: { stringValue: 'h:no' } } }
  const filter_metadata = { 'envoy.filters.network.ext_authz': decision }
  const { call, result, bags } = await stream(t)
  call.write(message({ tcp_logs: { log_entry: [{ common_properties: { metadata: { filter_metadata } } }] } }))
  call.end()
  await result
  t.match(bags, [{ 'check.error_code': 7, 'check.error_message': 'h:no' }])
  t.equal(bags[0]?.['context.metadata'], undefined)
})

t.test('als goes on reading while the engine is slow, and drops the oldest', async t => {
  let release = () => {}
  const gate = new Promise<void>(resolve => {
    release = resolve
  })
  const { call, result, bags, counts } = await stream(t, {
    options: { maxQueuedEntries: 3, batchEntries: 1 },
    report: () => gate.then(() => ({ kind: 'taken' })),
  })
  const one = (stream_id: string) => ({ common_properties: { stream_id } })
  call.write(message({ http_logs: { log_entry: [one('0')] } }))
  const names = Array.from({ length: 9 }, (_, index) => String(index + 1))
  call.write(message({ http_logs: { log_entry: names.map(one) } }))
  call.end()
  while (counts.get('door_log_entries{door="als",fate="queue_full"}') !== 6)
    await new Promise(resolve => setImmediate(resolve))
  release()
  await result
  t.same(
    bags.map(bag => bag['request.id']),
    ['0', '7', '8', '9'],
  )
})

t.test('als counts what the engine refuses, and what cannot be read, and goes on', async t => {
  const answers: ReportAnswer[] = [{ kind: 'overloaded' }, { kind: 'failed', problems: ['x'] }]
  const { call, result, counts } = await stream(t, {
    options: { batchEntries: 1 },
    report: () => {
      const answer = answers.shift()
      if (answer === undefined) throw new Error('a fault')
      return answer
    },
  })
  call.write(Buffer.from([0x12, 0x7f]))
  call.write(Buffer.from([0x12, 0x04, 0x0a, 0x02, 0x0a, 0x7f]))
  call.write(message({ http_logs: { log_entry: [{}, {}, {}] } }))
  call.end()
  t.equal((await result).code, 0)
  const fate = (name: string) => counts.get(`door_log_entries{door="als",fate="${name}"}`)
  t.same([fate('malformed'), fate('overloaded'), fate('failed')], [1, 1, 2])
  t.equal(counts.get('door_malformed{door="als"}'), 1)
})

for (const kind of serverKinds) {
  t.test(`als ends its streams when the server drains, after what it has got, on ${kind}`, async t => {
    const { call, result, bags, server } = await stream(t, { kind })
    call.write(message({ http_logs: { log_entry: [{}] } }))
    while (bags.length === 0) await new Promise(resolve => setImmediate(resolve))
    const drained = server.drain(5_000)
    t.equal((await result).code, 0)
    await drained
    t.equal(bags.length, 1)
  })
}
