import t from 'tap'
import { stagedAdapter } from './support/adapters.js'
import { calls, check, configure, memoryProcess, settled } from './support/memory-session.js'
import { hello } from './support/raw-host.js'

function staged(lingerMs = 0) {
  const { adapter, stage } = stagedAdapter()
  return { stage, ...memoryProcess(adapter, lingerMs) }
}

t.test('Calls go to the generation that they name; the older one is closed when it is removed', async t => {
  const { open, stage } = staged()
  const host = open()
  await host.open({ allowed: ['ada'] })
  host.send(configure(1, 2, { allowed: ['bob'] }))
  await settled()
  t.match(host.take(), [{ kind: 'ready', handler: 1, generation: 2 }])
  host.send(calls(check(1, 'ada'), check(2, 'ada', { generation: 2 }), check(3, 'bob', { generation: 2 })))
  await settled()
  t.match(host.take(), [
    {
      results: [
        { verdict: { kind: 'allow' } },
        { verdict: { kind: 'deny' } },
        { verdict: { kind: 'allow' } },
      ],
    },
  ])
  host.send(
    { kind: 'remove', handler: 1, generation: 1 },
    calls(check(4, 'ada'), check(5, 'bob', { generation: 2 })),
  )
  await settled()
  t.equal(stage.closed, 1)
  const frames = host.take()
  t.match(
    frames.find(frame => frame.kind === 'results'),
    {
      results: [
        { id: 4, code: 'ADAPTER_UNCONFIGURED' },
        { id: 5, kind: 'verdict' },
      ],
    },
  )
  t.match(
    frames.find(frame => frame.kind === 'removed'),
    { handler: 1, generation: 1 },
  )
  host.send({ kind: 'remove', handler: 1, generation: 1 }, { kind: 'remove', handler: 77, generation: 1 })
  await settled()
  t.same(host.take(), [], 'removing what is not there is nothing')
})

t.test('A removed handler finishes its calls first', async t => {
  const { open, stage } = staged()
  const host = open()
  await host.open()
  host.send(calls(check(1, 'hold')))
  await settled()
  host.send({ kind: 'remove', handler: 1, generation: 1 })
  await settled()
  t.equal(stage.closed, 0)
  stage.held[0]?.release()
  await settled()
  t.match(host.take(), [{ kind: 'results', results: [{ id: 1 }] }, { kind: 'removed' }])
  t.equal(stage.closed, 1)
})

t.test(
  'A removed handler that stays open, for others or for a while, also finishes its calls first',
  async t => {
    const { open, stage } = staged(30_000)
    const other = open()
    const host = open()
    await other.open()
    await host.open()
    host.send(calls(check(1, 'hold')), { kind: 'remove', handler: 1, generation: 1 }, calls(check(2, 'ada')))
    await settled()
    t.match(host.take(), [{ kind: 'results', results: [{ id: 2, code: 'ADAPTER_UNCONFIGURED' }] }])
    stage.held[0]?.release()
    await settled()
    t.match(host.take(), [{ kind: 'results', results: [{ id: 1, kind: 'verdict' }] }, { kind: 'removed' }])
    other.send(calls(check(1, 'hold')), { kind: 'remove', handler: 1, generation: 1 })
    await settled()
    t.same(other.take(), [])
    other.session.close('now')
    t.equal((await other.session.done).code, 'SHUTDOWN', 'a session that ends waits for none')
    t.equal(stage.closed, 0)
  },
)

t.test('A handler that is removed while it opens is closed at once', async t => {
  const { open, stage } = staged()
  const host = open()
  host.send(hello, configure(1, 1, {}), { kind: 'remove', handler: 1, generation: 1 })
  await settled()
  t.match(host.take(), [{ kind: 'hello' }, { kind: 'removed' }])
  t.equal(stage.closed, 1)
})

t.test('A cancelled call aborts its signal and still gets its one result', async t => {
  const { open, stage } = staged()
  const host = open()
  await host.open()
  host.send(calls(check(1, 'wait-for-abort'), check(2, 'hold')), { kind: 'cancel', ids: [1, 2, 99] })
  await settled()
  t.match(host.take(), [{ results: [{ id: 1, kind: 'failed', code: 'ADAPTER_CANCELLED' }], credits: 1 }])
  t.equal(stage.held[0]?.call.signal.aborted, true, 'a signal that is first looked at afterwards')
  stage.held[0]?.release()
  await settled()
  t.match(host.take(), [{ results: [{ id: 2, kind: 'verdict' }] }])
})

t.test('Credit comes back with every result, and is enough for ever', async t => {
  const { open } = staged()
  const host = open({ credits: 2 })
  await host.open()
  for (let id = 1; id < 20; id += 2) {
    host.send(calls(check(id, 'ada'), check(id + 1, 'throw')))
    await settled()
    t.match(host.take(), [{ kind: 'results', credits: 2 }])
  }
})

t.test('Handlers that never answer keep credit once too many of them do', async t => {
  const { open, clock } = staged()
  const host = open({ credits: 2 })
  await host.open()
  let granted = 2
  for (let id = 1; granted > 0 && id < 50; id++) {
    host.send(calls(check(id, 'hold', { deadlineMs: 10 })))
    granted--
    await settled()
    clock.advance(1_000)
    await settled()
    for (const frame of host.take()) if (frame.kind === 'results') granted += frame.credits
  }
  t.equal(granted, 0)
  t.not(host.session.host, undefined, 'the session lives')
})

t.test('A silent host is asked for a sign of life, and then given up', async t => {
  const { open, clock } = staged()
  const host = open()
  await host.open()
  clock.advance(15_500)
  t.match(host.take(), [{ kind: 'ping' }])
  host.send({ kind: 'pong', nonce: 1 })
  clock.advance(16_000)
  t.match(host.take(), [{ kind: 'ping' }])
  clock.advance(30_000)
  t.equal((await host.session.done).code, 'PROTOCOL_PING_TIMEOUT')
})

t.test('A host that drains gets its results, and then the end', async t => {
  const { open, stage } = staged()
  const host = open()
  await host.open()
  host.send(calls(check(1, 'hold')), { kind: 'drain', reason: 'upgrade' }, { kind: 'drain', reason: 'again' })
  await settled()
  t.same(host.take(), [])
  stage.held[0]?.release()
  await settled()
  t.match(host.take(), [{ kind: 'results' }, { kind: 'close', code: 'DRAINED' }])
  t.equal((await host.session.done).code, 'DRAINED')
  const idle = open()
  await idle.open()
  idle.send({ kind: 'drain', reason: '' })
  t.match(idle.take(), [{ kind: 'close', code: 'DRAINED' }])
  t.ok(idle.ended)
})

t.test('What waits for a full pipe leaves before the end', async t => {
  const { open } = staged()
  const host = open()
  await host.open()
  host.full = true
  host.send({ kind: 'ping', nonce: 1 }, calls(check(1, 'ada')))
  await settled()
  host.session.drain('upgrade')
  host.send({ kind: 'drain', reason: '' })
  t.match(host.take(), [
    { kind: 'pong' },
    { kind: 'results', results: [{ id: 1 }] },
    { kind: 'drain' },
    { kind: 'close', code: 'DRAINED' },
  ])
})

t.test('Answers are withdrawn in batches, never before an answer that was given earlier', async t => {
  const { open, stage } = staged()
  const host = open({ limits: { cacheKeys: 16 } })
  await host.open()
  host.send(calls(check(1, 'ada')))
  await new Promise<void>(resolve => queueMicrotask(resolve))
  for (let i = 0; i < 20; i++) stage.hosts[0]?.invalidate(`k${i}`)
  stage.hosts[0]?.invalidate('k0')
  stage.hosts[0]?.invalidate('x'.repeat(300))
  await settled()
  const frames = host.take()
  t.match(frames, [
    { kind: 'results' },
    { kind: 'invalidate', handler: 1 },
    { kind: 'invalidate', handler: 1 },
  ])
  t.same(
    frames.flatMap(frame => (frame.kind === 'invalidate' ? frame.keys : [])),
    Array.from({ length: 20 }, (_, i) => `k${i}`),
  )
  for (let i = 0; i < 3_000; i++) stage.hosts[0]?.invalidate(`k${i}`)
  await settled()
  t.match(host.take(), [{ kind: 'invalidate', keys: [] }], 'too many keys are everything')
  const deaf = open()
  await deaf.open({ allowed: [] }, { ...hello, features: [] })
  stage.hosts[1]?.invalidate()
  stage.hosts[1]?.log('info', 'hello?')
  await settled()
  t.same(deaf.take(), [], 'features that the host did not name are not used')
})

t.test('Log lines are held back beyond the host’s rate, counted, and cut', async t => {
  const { open, stage, clock } = staged()
  const host = open()
  await host.open({}, { ...hello, limits: { ...hello.limits, logsPerSecond: 3, messageBytes: 5 } })
  for (let i = 0; i < 10; i++) stage.hosts[0]?.log('info', `line ${i}`)
  t.match(
    host.take(),
    Array.from({ length: 3 }, () => ({ kind: 'log', message: 'line ', dropped: 0 })),
  )
  clock.advance(1_000)
  stage.hosts[0]?.log('error', 'again')
  t.match(host.take(), [{ kind: 'log', level: 'error', dropped: 7 }])
})

t.test('Sessions with the same handler share it, and one that returns in time finds it again', async t => {
  const { open, stage, clock, pool } = staged(30_000)
  const first = open()
  const second = open()
  await first.open()
  await second.open()
  t.equal(stage.hosts.length, 1)
  stage.hosts[0]?.invalidate()
  await settled()
  t.match(first.take(), [{ kind: 'invalidate' }])
  t.match(second.take(), [{ kind: 'invalidate' }])
  first.session.lost('cut')
  second.session.lost('cut')
  await Promise.all([first.session.done, second.session.done])
  clock.advance(29_000)
  const third = open()
  await third.open()
  t.equal(stage.hosts.length, 1, 'its counters are still there')
  third.session.lost('cut')
  await third.session.done
  t.equal(stage.closed, 0)
  clock.advance(30_000)
  await settled()
  t.equal(stage.closed, 1)
  t.equal(pool.size, 0)
  const other = open()
  await other.open({ allowed: ['someone else'] })
  t.equal(stage.hosts.length, 2, 'other settings, another handler')
})

t.test('Only so many handlers linger', async t => {
  const { open, pool, stage } = staged(30_000)
  const host = open()
  host.send(hello, ...[1, 2, 3, 4].map(n => configure(n, 1, {})))
  await settled()
  host.session.lost('cut')
  await host.session.done
  t.equal(pool.size, 2)
  t.equal(stage.closed, 2)
  await pool.close()
  t.equal(pool.size, 0)
})
