import t from 'tap'
import { stagedAdapter } from './support/adapters.js'
import { calls, check, memoryProcess, settled } from './support/memory-session.js'

function staged() {
  const { adapter, stage } = stagedAdapter()
  return { stage, ...memoryProcess(adapter) }
}

t.test('A deadline aborts the signal; a handler that does not answer even so is answered for', async t => {
  const { open, stage, clock } = staged()
  const host = open()
  await host.open()
  host.send(
    calls(
      check(1, 'wait-for-abort', { deadlineMs: 50 }),
      check(2, 'hold', { deadlineMs: 400 }),
      check(3, 'hold'),
    ),
  )
  await settled()
  t.equal(stage.calls[0]?.deadline, clock.now() + 50)
  t.equal(stage.calls[2]?.deadline, Number.POSITIVE_INFINITY)
  clock.advance(50)
  await settled()
  t.match(host.take(), [{ results: [{ id: 1, kind: 'failed' }] }])
  clock.advance(1_000)
  await settled()
  t.match(host.take(), [{ results: [{ id: 2, kind: 'failed', code: 'ADAPTER_TIMEOUT' }], credits: 1 }])
  t.equal(host.session.underway, 1)
  for (const held of stage.held) held.release()
  await settled()
  t.match(host.take(), [{ results: [{ id: 3 }] }], 'the late answer is dropped')
})

t.test('Deadlines are met to ten milliseconds, in whatever order they come, with one timer', async t => {
  const { open, clock } = staged()
  const host = open()
  await host.open()
  const timers = clock.pending
  const deadlines = [300, 40, 45, 46, 200]
  host.send(calls(...deadlines.map((deadlineMs, i) => check(i + 1, 'hold', { deadlineMs }))))
  t.equal(clock.pending, timers + 1)
  const late = new Map<number, number>()
  for (let ms = 1; ms <= 320; ms++) {
    clock.advance(1)
    await new Promise<void>(resolve => setImmediate(resolve))
    for (const frame of host.take()) {
      if (frame.kind !== 'results') continue
      for (const { id } of frame.results) late.set(id, ms - (deadlines[id - 1] ?? 0))
    }
  }
  t.same([...late.keys()], [2, 3, 4, 5, 1])
  for (const ms of late.values()) t.ok(ms >= 0 && ms <= 10, `${ms} ms late`)
  t.equal(clock.pending, timers, 'no timer without calls')
})
