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
