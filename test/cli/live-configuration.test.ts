import t from 'tap'
import { Gate, headerRule, living } from './living.js'

const live = async () => ({ kind: 'live' }) as const

t.test('a change that happens while the first configuration is being opened is taken', async t => {
  const opening = new Gate()
  const { configuration, swapped, write, until } = living(t, headerRule('old'), async () => {
    await opening.passed
    return { kind: 'live' }
  })
  const loaded = configuration.load()
  while (swapped.length === 0) await new Promise(resolve => setImmediate(resolve))
  write(headerRule('new'))
  opening.open()
  t.equal(await loaded, true)
  configuration.watch()
  await until(() => swapped.length === 2)
  t.not(swapped[0]?.revision, swapped[1]?.revision)
})

t.test('what was loaded before the watch began is not loaded again', async t => {
  const { configuration, swapped, clock } = living(t, headerRule('old'), live)
  await configuration.load()
  configuration.watch()
  for (let i = 0; i < 20; i++) {
    clock.advance(10_000)
    await new Promise(resolve => setImmediate(resolve))
  }
  t.equal(swapped.length, 1)
})
