import { Redis } from 'ioredis'
import t from 'tap'
import { eventually, freePort, noRedis, RedisServer } from '../../support/redis.js'
import { Host } from './host.js'

const policies = [
  'noeviction',
  'allkeys-lru',
  'allkeys-lfu',
  'allkeys-random',
  'volatile-lru',
  'volatile-lfu',
  'volatile-random',
  'volatile-ttl',
]

const users = Array.from({ length: 150 }, (_, nth) => `user-${nth}`)

t.test(
  'whatever Redis evicts, nothing that was withdrawn comes back',
  { skip: noRedis ?? false },
  async t => {
    for (const policy of policies)
      t.test(`under ${policy}`, async t => {
        const redis = await new RedisServer(await freePort(), t.testdir(), [
          '--maxmemory',
          '3mb',
          '--maxmemory-policy',
          policy,
        ]).start()
        const servers = { kind: 'single' as const, url: redis.url }
        const mind = { says: 'first' }
        const one = await new Host('one', servers, mind).ready()
        const other = await new Host('other', servers, mind).ready()
        const hosts = [one, other]
        t.teardown(async () => {
          for (const host of hosts) host.close()
          await redis.stop()
        })
        for (const user of users) await one.check(user)
        await one.shared(users.length - 1) // the first was asked before the tier knew anything
        mind.says = 'second'
        other.cache.invalidate('h', undefined)
        await eventually(() => other.tier.status().withdrawalsPending === 0, 'the withdrawal is in Redis')
        const left = await crowd(redis)
        const third = await new Host('third', servers, mind).ready()
        hosts.push(third)
        let old = 0
        for (const user of users) if ((await third.check(user)).message !== `second for ${user}`) old++
        t.equal(old, 0, `${left} of ${users.length} withdrawn answers were left in Redis, none was given`)
        t.comment(`${policy}: ${left} withdrawn answers left in Redis, ${old} given`)
      })

    t.test('a Redis without room hears of a withdrawal all the same', async t => {
      const redis = await new RedisServer(await freePort(), t.testdir()).start()
      const servers = { kind: 'single' as const, url: redis.url }
      const mind = { says: 'first' }
      const one = await new Host('one', servers, mind).ready()
      const other = await new Host('other', servers, mind).ready()
      t.teardown(async () => {
        one.close()
        other.close()
        await redis.stop()
      })
      await one.check('ann')
      await one.check('bob')
      await one.shared(1)
      await redis.run('CONFIG', 'SET', 'maxmemory', '1')
      mind.says = 'second'
      other.cache.invalidate('h', undefined)
      await eventually(() => other.tier.status().withdrawalsPending === 0, 'the withdrawal is in Redis')
      await eventually(async () => (await one.check('bob')).message === 'second for bob', 'it was heard')
      const third = await new Host('third', servers, mind).ready()
      t.equal((await third.check('bob')).message, 'second for bob')
      third.close()
    })
  },
)

t.test('whichever key of ours is lost, an answer is asked for again', { skip: noRedis ?? false }, async t => {
  const redis = await new RedisServer(await freePort(), t.testdir()).start()
  t.teardown(() => redis.stop())
  const servers = { kind: 'single' as const, url: redis.url }

  t.test('before a withdrawal and after it', async t => {
    const mind = { says: 'first' }
    const one = await new Host('one', servers, mind).ready()
    t.teardown(() => one.close())
    await one.check('warm')
    await one.check('ann')
    await one.shared(1)
    const keys = (await redis.run('KEYS', '*')) as string[]
    const lost = keys.filter(key => !key.includes(':e:') && !key.includes(':shapes:'))
    t.ok(lost.length >= 4, 'the number, and what stands for everything, the handler and its key')
    for (const key of lost) {
      mind.says = 'first'
      await redis.run('FLUSHALL')
      const keeper = await new Host(`keeper of ${key}`, servers, mind).ready()
      const changer = await new Host(`changer of ${key}`, servers, mind).ready()
      await keeper.check('warm')
      await keeper.check('ann')
      await keeper.shared(1)
      mind.says = 'second'
      changer.cache.invalidate('h', 'k')
      await eventually(() => changer.tier.status().withdrawalsPending === 0, 'the withdrawal is in Redis')
      await redis.run('DEL', key)
      // Another answer of the handler brings the lost key back.
      await changer.check('bob')
      await changer.check('carl')
      const reader = await new Host(`reader of ${key}`, servers, mind).ready()
      t.equal((await reader.check('ann')).message, 'second for ann', `without ${key}`)
      for (const host of [keeper, changer, reader]) host.close()
    }
  })

  t.test('while the answer was under way', async t => {
    await redis.run('FLUSHALL')
    const mind = { says: 'first' }
    const one = await new Host('one', servers, mind).ready()
    const other = await new Host('other', servers, mind).ready()
    t.teardown(() => {
      one.close()
      other.close()
    })
    await one.check('warm')
    await one.check('warm too')
    await one.shared(1)
    const withdrawn = async () => {
      other.cache.invalidate('h', undefined)
      await eventually(() => other.tier.status().withdrawalsPending === 0, 'the withdrawal is in Redis')
    }
    const losing = [
      ['nothing', []],
      ['the number', ['*:seq']],
      ['the generations', ['*:g:*']],
      ['all but the answers', ['*:seq', '*:g:*']],
    ] as const
    for (const [what, patterns] of losing) {
      const user = `user without ${what}`
      await one.check(user, {
        during: async () => {
          await withdrawn()
          for (const pattern of patterns)
            for (const key of (await redis.run('KEYS', pattern)) as string[]) await redis.run('DEL', key)
          // Looks up, which begins a new number where there is none.
          await other.check(`another without ${what}`)
        },
      })
      const reader = await new Host(`reader without ${what}`, servers, { says: 'second' }).ready()
      t.equal((await reader.check(user)).message, `second for ${user}`, `${what} was lost`)
      reader.close()
    }
  })
})

/** Fills Redis with keys of others until some of ours had to go, or there is no room; answers how many of ours are left. */
async function crowd(redis: RedisServer): Promise<number> {
  const client = new Redis(redis.url)
  try {
    for (let round = 0; round < 4; round++) {
      const pipeline = client.pipeline()
      for (let nth = 0; nth < 1_000; nth++) pipeline.set(`x:${round}:${nth}`, 'y'.repeat(900), 'PX', 600_000)
      await pipeline.exec()
    }
    return (await client.keys('*:e:*')).length
  } finally {
    client.disconnect()
  }
}
