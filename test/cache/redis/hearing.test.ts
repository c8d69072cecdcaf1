import t from 'tap'
import { eventually, freePort, noRedis, RedisServer } from '../../support/redis.js'
import { Host } from './host.js'
import { Way } from './way.js'

t.test('a host that does not hear withdrawals', { skip: noRedis ?? false }, async t => {
  const redis = await new RedisServer(await freePort(), t.testdir()).start()
  t.teardown(() => redis.stop())
  const withdrawn = (host: Host) => {
    host.cache.invalidate('h', undefined)
    return eventually(() => host.tier.status().withdrawalsPending === 0, 'the withdrawal is in Redis')
  }

  t.test('gives nothing that it kept before it heard for the first time', async t => {
    const way = await Way.to(redis.port, 'none')
    const mind = { says: 'first' }
    const one = new Host('one', { kind: 'single', url: way.url }, mind)
    const other = await new Host('other', { kind: 'single', url: redis.url }, mind).ready()
    t.teardown(() => {
      one.close()
      other.close()
      way.close()
    })
    t.equal((await one.check('ann')).message, 'first for ann')
    t.equal((await one.check('ann')).fromCache, true)
    mind.says = 'second'
    await withdrawn(other)
    way.passing = 'all'
    await one.ready()
    t.equal((await one.check('ann')).message, 'second for ann')
  })

  for (const swallowing of ['swallowing listeners', 'swallowing all'] as const)
    t.test(`finds out when its connection is dead without a word: ${swallowing}`, async t => {
      const way = await Way.to(redis.port)
      const mind = { says: 'first' }
      const one = await new Host('one', { kind: 'single', url: way.url }, mind, { hearingMs: 800 }).ready()
      const other = await new Host('other', { kind: 'single', url: redis.url }, mind).ready()
      t.teardown(() => {
        one.close()
        other.close()
        way.close()
      })
      await one.check('ann')
      way.passing = swallowing
      mind.says = 'second'
      await withdrawn(other)
      t.equal((await one.check('ann')).message, 'first for ann', 'it cannot know yet')
      await eventually(async () => (await one.check('ann')).message === 'second for ann', 'it has found out')
      t.not(one.tier.status().state, 'ready')
      t.equal(one.telemetry.read('outboard_cache_tier_ready', { tier: 'redis' }), 0)
      way.passing = 'all'
      await one.ready()
      t.equal(one.telemetry.read('outboard_cache_tier_ready', { tier: 'redis' }), 1)
      mind.says = 'third'
      await withdrawn(other)
      await eventually(async () => (await one.check('ann')).message === 'third for ann', 'it hears again')
    })

  t.test('says so when Redis does not let it subscribe, and hears once it may', async t => {
    const rights = ['~outboard2:*', 'resetchannels', '+@all', '-@dangerous', '+info']
    await redis.run('ACL', 'SETUSER', 'outboard', 'on', '>pw', ...rights)
    const url = `redis://outboard:pw@127.0.0.1:${redis.port}`
    const one = new Host('one', { kind: 'single', url })
    t.teardown(() => one.close())
    await eventually(() => one.tier.status().state === 'deaf', 'it is connected')
    await eventually(() => /NOPERM/.test(one.tier.status().reason), 'it knows why it does not hear')
    await one.check('ann')
    t.equal(one.count('outboard_cache_kept_total'), 0, 'nothing is shared')
    t.match(
      one.telemetry.lines.filter(({ level }) => level === 'warn'),
      [
        {
          event: 'cache_tier_unavailable',
          facts: { tier: 'redis', state: 'deaf', reason: /NOPERM .*channels?/ },
        },
      ],
    )
    t.equal(one.telemetry.lines.filter(({ level }) => level === 'warn').length, 1, 'once')
    await redis.run('ACL', 'SETUSER', 'outboard', '&outboard2:*')
    await one.ready()
    await one.check('bob')
    await one.check('carl')
    await one.shared(1)
    await withdrawn(one)
  })
})
