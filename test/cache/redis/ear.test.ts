import t from 'tap'
import type { ChannelListener, Commands } from '../../../src/cache/redis/connection.js'
import { Ear } from '../../../src/cache/redis/ear.js'
import { ManualClock, pass } from '../../support/manual-clock.js'

/** Redis as an ear sees it: connections, and heartbeats that come back while it is well. */
class Air {
  readonly clock = new ManualClock()
  readonly happened: string[] = []
  readonly opened: ChannelListener[] = []
  heartbeats = 0
  comesBack = true
  refusal: Error | undefined
  readonly ear: Ear

  constructor() {
    const commands: Pick<Commands, 'hear' | 'publish' | 'reasonOf'> = {
      hear: (_channels, listener) => {
        this.opened.push(listener)
        return { close: () => this.happened.push('closed') }
      },
      publish: async channel => {
        this.heartbeats++
        if (this.refusal !== undefined) throw this.refusal
        if (this.comesBack) this.opened.at(-1)?.heard(channel, '')
      },
      reasonOf: cause => String(cause),
    }
    this.ear = new Ear(
      commands as Commands,
      this.clock,
      800,
      { heard: 'withdrawals', own: 'own' },
      {
        began: () => this.happened.push('began'),
        heard: message => this.happened.push(`heard ${message}`),
        deaf: (reason, since) => this.happened.push(`deaf ${since}: ${reason}`),
      },
    )
    this.ear.open()
  }
}

t.test('hearing goes on for as long as heartbeats come back, and passes on what others say', async t => {
  const air = new Air()
  air.opened[0]?.began()
  await pass(air.clock, 60_000, 200)
  air.opened[0]?.heard('withdrawals', 'something')
  t.same(air.happened, ['began', 'heard something'])
  t.equal(air.heartbeats, 301, 'one in each quarter of the time')
})

t.test('silence is found out in the stated time, and a new connection is made', async t => {
  const air = new Air()
  air.opened[0]?.began()
  await pass(air.clock, 2_000, 200)
  air.comesBack = false
  await pass(air.clock, 800, 200)
  t.same(air.happened, ['began', 'closed', 'deaf silent: heard nothing'])
  air.opened[0]?.heard('withdrawals', 'from the old connection')
  air.opened[0]?.ended('late')
  await pass(air.clock, 50)
  t.equal(air.opened.length, 2)
  air.comesBack = true
  air.opened[1]?.began()
  await pass(air.clock, 2_000, 200)
  t.same(air.happened.slice(3), ['began'])
})

t.test('when the heartbeat itself fails, the reason is said', async t => {
  const air = new Air()
  air.refusal = new RangeError('no way')
  air.opened[0]?.began()
  await pass(air.clock, 800, 200)
  t.same(air.happened, ['began', 'closed', 'deaf silent: RangeError: no way'])
})

t.test('attempts come after pauses that grow to two seconds', async t => {
  const air = new Air()
  for (let nth = 0; nth < 20; nth++) {
    air.opened.at(-1)?.ended('refused')
    await pass(air.clock, 2_000)
    t.equal(air.opened.length, nth + 2)
  }
  air.opened.at(-1)?.ended('refused')
  await pass(air.clock, 1_950)
  t.equal(air.opened.length, 21, 'not before')
  air.ear.close()
  await pass(air.clock, 10_000)
  t.equal(air.opened.length, 21, 'none after it was closed')
})
