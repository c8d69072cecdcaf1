import t from 'tap'
import { connect, resolveRedisTierOptions } from '../../../src/cache/redis/index.js'
import { reasonsOf } from '../../../src/cache/redis/reasons.js'
import { WithdrawalSender } from '../../../src/cache/redis/withdrawal-sender.js'
import { CountingTelemetry } from '../../support/counting-telemetry.js'
import { ManualClock, pass } from '../../support/manual-clock.js'
import { eventually, freePort, noRedis, RedisServer } from '../../support/redis.js'
import { Host } from './host.js'

t.test('a Redis that cannot be reached is seen', { skip: noRedis ?? false }, async t => {
  t.test('a wrong password: in the status, in the gauge, and once in the log', async t => {
    const redis = await new RedisServer(await freePort(), t.testdir()).start()
    await redis.run('ACL', 'SETUSER', 'other', 'on', '>right', '~*', '&*', '+@all')
    const url = `redis://other:wr%2Fong@127.0.0.1:${redis.port}`
    const host = new Host('one', { kind: 'single', url })
    t.teardown(async () => {
      host.close()
      await redis.stop()
    })
    await eventually(() => host.tier.status().reason !== '', 'it is known')
    host.cache.invalidate('h', undefined)
    await eventually(async () => tries(await redis.run('INFO', 'stats')) >= 8, 'it was tried again and again')
    t.match(host.tier.status(), { state: 'connecting', reason: /^WRONGPASS / })
    t.equal(host.telemetry.read('outboard_cache_tier_ready', { tier: 'redis' }), 0)
    t.match(
      host.telemetry.lines.map(({ level, event, facts }) => ({ level, event, facts })),
      [
        {
          level: 'warn',
          event: 'cache_tier_unavailable',
          facts: { tier: 'redis', state: 'connecting', reason: /^WRONGPASS / },
        },
        { level: 'warn', event: 'withdrawal_waits' },
      ],
    )
    t.equal(host.telemetry.lines.length, 2, 'once')
    t.notMatch(JSON.stringify(host.telemetry.lines), /wr.?2?F?.?ong/)
    await redis.run('ACL', 'SETUSER', 'other', '>wr/ong')
    await host.ready()
    await eventually(() => host.tier.status().withdrawalsPending === 0, 'the withdrawal was told')
    t.match(host.tier.status(), { state: 'ready', reason: '' })
    t.equal(host.telemetry.lines.at(-1)?.event, 'cache_tier_ready')
  })

  t.test('nobody there, then somebody, then nobody: each change is said', async t => {
    const redis = new RedisServer(await freePort(), t.testdir())
    const host = new Host('one', { kind: 'single', url: redis.url })
    t.teardown(async () => {
      host.close()
      await redis.stop()
    })
    await eventually(() => host.tier.status().reason === 'ECONNREFUSED', 'nobody is there')
    await redis.start()
    await host.ready()
    await redis.stop()
    await eventually(() => host.tier.status().reason === 'ECONNREFUSED', 'nobody is there')
    await eventually(() => host.tier.status().state === 'connecting', 'it is not asked')
    t.equal(host.telemetry.lines[0]?.event, 'cache_tier_unavailable')
    t.equal(host.telemetry.lines.filter(({ event }) => event === 'cache_tier_ready').length, 1)
    const lines = host.telemetry.lines.map(({ event, facts }) => JSON.stringify([event, facts]))
    t.same(
      lines,
      lines.filter((line, nth) => line !== lines[nth - 1]),
      'nothing is said twice in a row',
    )
    // Each of the two connections goes and comes for itself.
    t.ok(lines.length <= 8, `${lines.length} lines`)
  })

  for (const kind of ['sentinel', 'cluster'] as const)
    t.test(`${kind}: the same reason is said once`, async t => {
      const port = await freePort()
      const addresses = [`127.0.0.1:${port}`]
      const host = new Host(
        'one',
        kind === 'sentinel'
          ? { kind, name: 'shared', sentinels: addresses, password: 's3cret' }
          : { kind, nodes: addresses, password: 's3cret' },
      )
      t.teardown(() => host.close())
      const reason =
        kind === 'sentinel'
          ? 'All sentinels are unreachable. Last error: Connection is closed.'
          : 'ECONNREFUSED'
      await eventually(() => host.tier.status().reason === reason, 'it is known')
      await eventually(() => host.telemetry.lines.length > 0, 'it is said')
      t.ok(host.telemetry.lines.length <= 2)
    })
})

t.test('a reason has neither the password nor what changes from attempt to attempt', async t => {
  const single = reasonsOf({ kind: 'single', url: 'redis://me:p%40ss@127.0.0.1:6379?password=other' })
  t.equal(
    single(new Error('ERR unknown command `AUTH`, with args beginning with: `me` `secret`')),
    'ERR unknown command `AUTH`',
  )
  t.equal(single(new Error('no p@ss, no p%40ss, no other')), 'no ***, no ***, no ***')
  t.equal(single(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })), 'ECONNREFUSED')
  const sentinel = reasonsOf({ kind: 'sentinel', name: 'n', sentinels: [], password: 'p' })
  t.equal(
    sentinel(new Error('All are unreachable. Retrying from scratch after 800ms. Last error: gone')),
    'All are unreachable. Last error: gone',
  )
  const cluster = reasonsOf({ kind: 'cluster', nodes: [] })
  t.equal(cluster(Object.assign(new Error('failed'), { lastNodeError: new Error('WRONGPASS') })), 'WRONGPASS')
  t.equal(single(new Error('x'.repeat(10_000))).length, 200)
})

t.test('a withdrawal that cannot be told is tried after growing pauses, and said once', async t => {
  const { Keys } = await import('../../../src/cache/redis/keys.js')
  const { Epochs } = await import('../../../src/cache/redis/epochs.js')
  const clock = new ManualClock()
  const telemetry = new CountingTelemetry()
  let tries = 0
  let failure: Error | undefined = new Error('no connection')
  let ready = () => {}
  const commands = {
    ...connect(resolveRedisTierOptions({ servers: { kind: 'single', url: 'redis://127.0.0.1:1' } })),
    withdraw: async () => {
      tries++
      if (failure !== undefined) throw failure
    },
    publish: async () => {},
    whenReady: (callback: () => void) => {
      ready = callback
    },
  }
  commands.close()
  const sender = new WithdrawalSender(commands, new Keys('n', 1), clock, telemetry, 'one', new Epochs())
  for (let nth = 0; nth < 10; nth++) sender.send({ handler: 'h', key: `${nth}` })
  await pass(clock, 60_000)
  t.equal(sender.pending, 10)
  t.equal(tries, 16, 'five times in six seconds, then every five')
  t.equal(telemetry.lines.length, 1)
  failure = new Error('refused')
  await pass(clock, 30_000)
  t.equal(telemetry.lines.length, 2, 'another reason')
  failure = undefined
  ready()
  await pass(clock, 50)
  t.equal(sender.pending, 0, 'at once when there is a connection')
  sender.close()
})

function tries(info: unknown): number {
  return Number(/total_connections_received:(\d+)/.exec(String(info))?.[1] ?? 0)
}
