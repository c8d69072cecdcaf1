import { allow, defineAdapter, settings } from '@outboard/adapters-sdk'
import t from 'tap'
import { stagedAdapter } from './support/adapters.js'
import { configure, memoryProcess, settled } from './support/memory-session.js'
import { hello } from './support/raw-host.js'

t.test('What an adapter says and withdraws while it opens is heard', async t => {
  const adapter = defineAdapter({
    name: 'talker',
    version: '1',
    description: '',
    templates: ['listentry'],
    settings: settings.object({}),
    open(_settings, host) {
      host.log('info', 'at once')
      host.invalidate('old')
      return { check: () => allow() }
    },
  })
  const host = memoryProcess(adapter).open()
  host.send(hello, configure(1, 1, {}))
  await settled()
  const frames = host.take()
  t.match(
    frames.find(frame => frame.kind === 'log'),
    { handler: 1, message: 'at once' },
  )
  t.match(
    frames.find(frame => frame.kind === 'invalidate'),
    { handler: 1, keys: ['old'] },
  )
})

t.test('Lines that are left out because the pipe is full are counted in the next one', async t => {
  const { adapter, stage } = stagedAdapter()
  const host = memoryProcess(adapter).open()
  await host.open()
  host.full = true
  stage.hosts[0]?.log('info', 'fills it')
  stage.hosts[0]?.log('info', 'left out')
  stage.hosts[0]?.log('info', 'left out, too')
  host.full = false
  host.session.drained()
  stage.hosts[0]?.log('info', 'again')
  t.match(host.take(), [
    { kind: 'log', message: 'fills it', dropped: 0 },
    { kind: 'log', message: 'again', dropped: 2 },
  ])
})

t.test('A burst of withdrawals stays below what a host takes, and none is lost', async t => {
  const { adapter, stage } = stagedAdapter()
  const { open, clock } = memoryProcess(adapter)
  const host = open()
  await host.open()
  const withdrawn = new Set<string>()
  let frames = 0
  const hear = () => {
    for (const frame of host.take()) {
      if (frame.kind !== 'invalidate') continue
      frames++
      for (const key of frame.keys) withdrawn.add(key)
    }
  }
  for (let i = 0; i < 3_000; i++) {
    stage.hosts[0]?.invalidate(`k${i}`)
    // A turn of its own, as `afterPromises` counts them; a millisecond every three.
    await new Promise<void>(resolve => setImmediate(resolve))
    if (i % 3 === 0) clock.advance(1)
  }
  clock.advance(20)
  hear()
  t.equal(withdrawn.size, 3_000)
  t.ok(frames > 500 && frames <= 500 + 510, `${frames} frames in a second`)
  clock.advance(1_000)
  stage.hosts[0]?.invalidate('alone')
  await settled()
  t.match(host.take(), [{ kind: 'invalidate', keys: ['alone'] }], 'at once again')
})

t.test('A withdrawal that has no frame left withdraws everything when it would need many', async t => {
  const { adapter, stage } = stagedAdapter()
  const { open, clock } = memoryProcess(adapter)
  const host = open()
  await host.open()
  for (let i = 0; i < 500; i++) {
    stage.hosts[0]?.invalidate(`k${i}`)
    await new Promise<void>(resolve => setImmediate(resolve))
  }
  t.equal(host.take().length, 500)
  for (let i = 0; i < 400; i++) stage.hosts[0]?.invalidate(`m${i}`)
  await settled()
  t.same(host.take(), [], 'nothing before there is room')
  clock.advance(20)
  t.match(host.take(), [{ kind: 'invalidate', handler: 1, keys: [] }])
})

t.test('What waits to be withdrawn leaves before the end', async t => {
  const { adapter, stage } = stagedAdapter()
  const host = memoryProcess(adapter).open()
  await host.open()
  stage.hosts[0]?.invalidate('ada')
  host.session.close('now')
  t.match(host.take(), [{ kind: 'invalidate', handler: 1 }, { kind: 'close' }])
})
