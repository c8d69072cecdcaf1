import { allow, defineAdapter, deny, settings } from '@outboard/adapters-sdk'
import { encodeHostFrame, type HostFrame } from '@outboard/adapters-sdk/protocol'
import t from 'tap'
import { stagedAdapter } from './support/adapters.js'
import { calls, check, configure, memoryProcess, settled } from './support/memory-session.js'
import { hello } from './support/raw-host.js'

t.test('A host that breaks the protocol loses its session, with a reason; others go on', async t => {
  const { adapter, stage } = stagedAdapter()
  const { open } = memoryProcess(adapter)
  const other = open()
  await other.open()
  const ping: HostFrame = { kind: 'ping', nonce: 1 }
  const raw = (hex: string) => Buffer.from(hex, 'hex')
  const breaches: readonly (readonly [code: string, what: string, bytes: readonly Buffer[]])[] = [
    [
      'PROTOCOL_DUPLICATE_CALL',
      'the same id twice',
      [calls(check(5, 'ada'), check(5, 'ada'))].map(encodeHostFrame),
    ],
    [
      'PROTOCOL_DUPLICATE_CALL',
      'an id that goes back',
      [calls(check(5, 'ada')), calls(check(4, 'ada'))].map(encodeHostFrame),
    ],
    ['PROTOCOL_DUPLICATE_CALL', 'id 0', [calls(check(0, 'ada'))].map(encodeHostFrame)],
    [
      'PROTOCOL_NO_CREDIT',
      'a flood',
      [calls(...Array.from({ length: 9 }, (_, i) => check(i + 1, 'hold')))].map(encodeHostFrame),
    ],
    ['PROTOCOL_UNEXPECTED_FRAME', 'a second hello', [hello].map(encodeHostFrame)],
    ['PROTOCOL_HANDLER_NUMBER', 'a generation twice', [configure(1, 1, {})].map(encodeHostFrame)],
    ['PROTOCOL_HANDLER_NUMBER', 'handler 0', [configure(0, 1, {})].map(encodeHostFrame)],
    ['PROTOCOL_MALFORMED', 'half a frame', [encodeHostFrame(calls(check(1, 'ada'))).subarray(0, 20)]],
    ['PROTOCOL_MALFORMED', 'garbage', [raw('ffffffffffffffffffff')]],
    ['PROTOCOL_FRAME_TOO_LARGE', 'a gigantic frame', [Buffer.alloc(70_000)]],
  ]
  for (const [code, what, bytes] of breaches) {
    const hostile = open({ credits: 8, limits: { frameBytes: 65_536 } })
    await hostile.open()
    for (const frame of bytes) hostile.session.receive(frame)
    const end = await hostile.session.done
    t.equal(end.code, code, what)
    t.match(hostile.take().at(-1), { kind: 'close', code }, 'the reason was sent')
    t.ok(hostile.ended)
    hostile.send(ping, calls(check(100, 'ada')))
    await settled()
    t.same(hostile.take(), [], 'nothing more is said')
    for (const held of stage.held.splice(0)) held.release()
  }
  other.send(calls(check(1, 'ada')))
  await settled()
  t.match(other.take(), [{ kind: 'results', results: [{ kind: 'verdict', id: 1 }] }])
})

t.test('Before the hello nothing else is taken', async t => {
  const { adapter } = stagedAdapter()
  const { open, clock } = memoryProcess(adapter)
  const early = open()
  early.send(calls(check(1, 'ada')))
  t.equal((await early.session.done).code, 'PROTOCOL_UNEXPECTED_FRAME')
  const unknown = open()
  unknown.session.receive(Buffer.from('b20603616263', 'hex'))
  t.equal((await unknown.session.done).code, 'PROTOCOL_UNEXPECTED_FRAME')
  const version = open()
  version.send({ ...hello, versionMin: 2, versionMax: 3 })
  t.match(await version.session.done, { code: 'PROTOCOL_VERSION', message: /2 to 3/ })
  const newer = open()
  newer.send({ ...hello, versionMin: 1, versionMax: 9 })
  t.match(newer.take(), [{ kind: 'hello', protocol: 1 }])
  const silent = open()
  clock.advance(4_900)
  t.same(silent.take(), [])
  clock.advance(600)
  t.equal((await silent.session.done).code, 'PROTOCOL_HANDSHAKE_TIMEOUT')
})

t.test('Calls that cannot be asked get failed results, and their credit comes back', async t => {
  const { adapter } = stagedAdapter()
  const { open } = memoryProcess(adapter)
  const host = open({ limits: { bytesInFlight: 200 } })
  await host.open()
  const big = new Uint8Array(300)
  const [instance = new Uint8Array()] = check(0, 'ada').instances
  host.send(
    calls(
      check(1, 'ada', { handler: 9 }),
      check(2, 'ada', { generation: 2 }),
      check(3, 'ada', { template: 99 }),
      check(4, 'ada', { verb: 'report' }),
      check(5, 'ada', { verb: 'unknown' }),
      check(6, 'ada', { instances: [] }),
      check(7, 'ada', { instances: [instance, instance] }),
      check(8, 'ada', { instances: [big] }),
      check(9, 'ada', { instances: [Buffer.from([0xff])] }),
      check(10, 'ada'),
    ),
  )
  await settled()
  const [frame] = host.take()
  const code = (id: number, code: string) => ({ id, kind: 'failed', code })
  t.match(frame, {
    credits: 10,
    results: [
      code(1, 'ADAPTER_UNCONFIGURED'),
      code(2, 'ADAPTER_UNCONFIGURED'),
      code(3, 'ADAPTER_PROTOCOL'),
      code(4, 'ADAPTER_PROTOCOL'),
      code(5, 'ADAPTER_PROTOCOL'),
      code(6, 'ADAPTER_PROTOCOL'),
      code(7, 'ADAPTER_PROTOCOL'),
      code(8, 'ADAPTER_OVERLOADED'),
      code(9, 'ADAPTER_PROTOCOL'),
      { id: 10, kind: 'verdict' },
    ],
  })
})

t.test('Whatever an author answers, the frame stays readable', async t => {
  const answers: unknown[] = [
    undefined,
    null,
    'yes',
    {},
    { kind: 'maybe' },
    { ...deny(7, ''), code: -1 },
    { ...deny(7, ''), code: 'PERMISSION_DENIED' },
    { ...allow(), caching: { kind: 'valid', forMs: -5, uses: 1 } },
    { ...allow(), caching: { kind: 'valid', forMs: Number.POSITIVE_INFINITY, uses: 1 } },
    { ...allow(), headers: undefined },
    { ...allow(), cacheKeys: [7] },
    { ...allow(), output: { nothing: { type: 'STRING', value: 'x' } } },
    allow({ metadata: { note: 'x'.repeat(2_000_000) } }),
    allow(),
  ]
  let next = 0
  const adapter = defineAdapter({
    name: 'wild',
    version: '1',
    description: '',
    templates: ['listentry'],
    settings: settings.object({}),
    // What an author without types can return.
    open: () => ({ check: () => Reflect.get(Object(answers), next++) }),
  })
  const { open } = memoryProcess(adapter)
  const host = open()
  await host.open({})
  host.send(calls(...answers.map((_, i) => check(i + 1, 'x'))))
  await settled()
  const results = host.take().flatMap(frame => (frame.kind === 'results' ? frame.results : []))
  t.same(
    results.map(each => each.id).sort((a, b) => a - b),
    answers.map((_, i) => i + 1),
  )
  const kinds = new Map(results.map(each => [each.id, each.kind === 'failed' ? each.code : each.kind]))
  for (const [index] of answers.entries()) {
    const wanted =
      index === answers.length - 1
        ? 'verdict'
        : index === answers.length - 2
          ? 'ADAPTER_LIMIT'
          : 'ADAPTER_PROTOCOL'
    t.equal(kinds.get(index + 1), wanted, `answer ${index}`)
  }
})

t.test(
  'A host that never reads cannot make the adapter grow: nothing is read while nothing can be written',
  async t => {
    const { adapter } = stagedAdapter()
    const { open } = memoryProcess(adapter)
    const host = open({ credits: 100 })
    await host.open()
    host.full = true
    host.send({ kind: 'ping', nonce: 1 })
    t.equal(host.paused, true)
    host.send(calls(...Array.from({ length: 100 }, (_, i) => check(i + 1, 'ada'))))
    await settled()
    t.match(host.take(), [{ kind: 'pong' }], 'results wait')
    host.full = false
    host.session.drained()
    await settled()
    t.equal(host.paused, false)
    const frames = host.take()
    t.equal(frames.length, 1)
    t.match(frames[0], { kind: 'results', credits: 100 })
  },
)

t.test('Handlers are limited, and a session that ends lets go of every one', async t => {
  const { adapter, stage } = stagedAdapter()
  const { open, pool } = memoryProcess(adapter)
  const host = open({ limits: { handlers: 3 } })
  await host.open()
  host.send(configure(2, 1, {}), configure(3, 1, {}), configure(4, 1, {}))
  await settled()
  t.match(host.take(), [
    { kind: 'refused', handler: 4, retryable: true, problems: [{ message: /more than 3 handlers/ }] },
    { kind: 'ready', handler: 2 },
    { kind: 'ready', handler: 3 },
  ])
  t.equal(pool.size, 3)
  host.session.lost('gone')
  await host.session.done
  t.equal(pool.size, 0)
  t.equal(stage.closed, 3)
})
