import t from 'tap'
import { eventually, freePort, noRedis, RedisServer } from '../../support/redis.js'
import { Host } from './host.js'

t.test('the second tier', { skip: noRedis ?? false }, async t => {
  const redis = await new RedisServer(await freePort(), t.testdir()).start()
  t.teardown(() => redis.stop())
  const mind = { says: 'first' }
  const hosts: Host[] = []
  let tests = 0
  t.beforeEach(() => {
    tests++
    mind.says = 'first'
  })
  t.afterEach(() => {
    for (const host of hosts.splice(0)) host.close()
  })
  const host = async (name: string, more = {}) => {
    const made = new Host(name, { kind: 'single', url: redis.url }, mind, {
      namespace: `test-${tests}`,
      ...more,
    })
    hosts.push(made)
    return made.ready()
  }

  t.test('one host answers from what another was told', async t => {
    const one = await host('one')
    const other = await host('other')
    await one.check('ann')
    await one.shared(1)
    const answer = await other.check('ann')
    t.match(answer, { message: 'first for ann', fromCache: true })
    t.equal(other.asked, 0)
    t.ok(answer.validForMs <= 59_500, 'what is left is less, by the stated margin')
    t.equal((await other.check('bob')).message, 'first for bob')
    t.equal(other.asked, 1)
  })

  t.test('another configuration has answers of its own', async t => {
    const one = await host('one')
    const other = await host('other')
    await one.check('ann')
    await one.shared(1)
    await other.check('ann', { revision: 'r2' })
    t.equal(other.asked, 1)
  })

  t.test('a withdrawal on one host holds on all, in Redis and in their memories', async t => {
    const one = await host('one')
    const other = await host('other')
    await one.check('ann')
    await one.shared(1)
    t.equal((await other.check('ann')).fromCache, true)
    mind.says = 'second'
    one.cache.invalidate('h', 'k')
    await eventually(
      async () => (await other.check('ann')).message === 'second for ann',
      'the other host has heard',
    )
    const third = await host('third')
    t.equal((await third.check('ann')).message, 'second for ann')
  })

  t.test('an answer that was under way during a withdrawal is not shared', async t => {
    const one = await host('one')
    const other = await host('other')
    await one.check('warm')
    await one.shared(1)
    // The moment of the look-up is before the withdrawal by the other host, the keeping after it.
    const looked = await one.tier.find('r1', (await import('../arbitrary.js')).bagOf(['ann']), [])
    if (looked.kind !== 'miss') return t.fail('nothing can be there')
    other.cache.invalidate('h', undefined)
    await eventually(() => other.tier.status().withdrawalsPending === 0, 'the withdrawal is in Redis')
    const { Shape } = await import('../../../src/cache/shape.js')
    const { bagOf, vocabulary } = await import('../arbitrary.js')
    const bag = bagOf(['ann'])
    bag.read(0)
    const shape = new Shape(bag.references, vocabulary)
    const parts = [{ handler: 'h', cacheKeys: [] }]
    const answer = {
      shape,
      code: 0,
      message: 'old',
      directive: undefined,
      metadata: {},
      parts,
      forMs: 60_000,
      uses: -1,
    }
    one.tier.keep('r1', bag, answer, looked)
    // What follows on the same connection is kept after it would have been.
    await one.check('later')
    await one.shared(2)
    t.not((await other.check('ann')).message, 'old')
  })

  t.test('uses are divided between hosts, never multiplied', async t => {
    const one = await host('one')
    await one.check('ann', { uses: 20 })
    await one.shared(1)
    let fromCache = 0
    for (let nth = 0; nth < 12; nth++) {
      const another = await host(`another-${nth}`)
      for (let use = 0; use < 5; use++) {
        const before = another.asked
        const { message } = await another.check('ann', { uses: 0 })
        if (another.asked === before) fromCache++
        t.equal(message, 'first for ann')
      }
    }
    for (let use = 0; use < 30; use++) if ((await one.check('ann', { uses: 0 })).fromCache) fromCache++
    t.ok(fromCache > 0 && fromCache <= 20, `used ${fromCache} times of 20`)
  })

  t.test('an answer is not served past its validity', async t => {
    const one = await host('one', { skewMs: 100 })
    const other = await host('other', { skewMs: 100 })
    await one.check('ann', { forMs: 700 })
    await one.shared(1)
    t.equal((await other.check('ann')).fromCache, true)
    const key = (await redis.run('KEYS', '*:e:*')) as string[]
    t.ok(key.length > 0)
    await eventually(
      async () => ((await redis.run('EXISTS', ...key)) as number) < key.length,
      'Redis let it go',
    )
    mind.says = 'later'
    await eventually(async () => (await other.check('ann')).message === 'later for ann', 'it expired')
  })

  t.test('a flush forgets on every host', async t => {
    const one = await host('one')
    const other = await host('other')
    await one.check('ann')
    await one.shared(1)
    await other.check('ann')
    mind.says = 'second'
    one.cache.flush()
    await eventually(
      async () => (await other.check('ann')).message === 'second for ann',
      'the other host has heard',
    )
    t.equal((await one.check('ann')).message, 'second for ann')
  })

  t.test('what somebody else wrote there is not believed', async t => {
    const one = await host('one')
    await one.check('ann')
    await one.shared(1)
    const [key = ''] = (await redis.run('KEYS', `*test-${tests}*:e:*`)) as string[]
    const real = String(await redis.run('HGET', key, 'v'))
    const lies = [
      'garbage',
      '{}',
      '[]',
      'null',
      real.replace('"code":7', '"code":"7"'),
      real.replace('ann', 'bob'),
      real.replace('"form":1', '"form":2'),
      real.replace('"directive":null', '"directive":{"directStatus":200}'),
      real.replace('"code":7', '"code":4294967296'),
      real.replace('"cacheKeys":["k"]', '"cacheKeys":[]'),
      real.replace('"cacheKeys":["k"]', '"cacheKeys":["k","l"]'),
      real.replace('"handler":"h"', '"handler":"i"'),
    ]
    for (const [nth, lie] of lies.entries()) {
      await redis.run('HSET', key, 'v', lie)
      const other = await host(`other-${nth}`)
      t.equal((await other.check('ann')).fromCache, false, lie.slice(0, 40))
      await other.close()
    }
    await redis.run('HSET', key, 'v', real)
    const concerned = String(await redis.run('HGET', key, 'd'))
    const control = await host('control')
    t.equal((await control.check('ann')).fromCache, true, 'the real one is')
    const words = concerned.split(' ')
    const fewer = [
      '',
      ' ',
      'one',
      'one two',
      words.slice(2).join(' '),
      words.slice(0, -2).join(' '),
      [...words, ...words].join(' '),
    ]
    for (const [nth, generations] of fewer.entries()) {
      await redis.run('HSET', key, 'v', real, 'd', generations)
      const other = await host(`fewer-${nth}`)
      t.equal((await other.check('ann')).fromCache, false, `concerned: "${generations.slice(0, 40)}"`)
      await other.close()
    }
    for (const uses of ['junk', 'nan', 'inf', '1.5', '-5', '1e15', '9'.repeat(30)]) {
      await redis.run('HSET', key, 'v', real, 'd', concerned, 'u', uses)
      const other = await host(`uses-${uses}`)
      t.equal((await other.check('ann')).fromCache, false, `uses: ${uses}`)
      t.equal(other.count('outboard_cache_tier_failures_total', { reason: 'error' }), 0)
      await other.close()
    }
    await redis.run('SET', key, 'a text where an answer should be')
    const surprised = await host('surprised')
    t.equal((await surprised.check('ann')).fromCache, false)
    t.equal(surprised.count('outboard_cache_tier_failures_total', { reason: 'error' }), 0)
    const sequence = String(((await redis.run('KEYS', `*test-${tests}*:seq`)) as string[])[0])
    for (const moment of ['junk', '99999999999999999999.x', '5', '.', '5.']) {
      await redis.run('SET', sequence, moment)
      const other = await host(`moment-${moment}`)
      t.equal((await other.check(`after ${moment}`)).fromCache, false)
      t.equal(other.count('outboard_cache_tier_failures_total', { reason: 'error' }), 0)
      t.not(await redis.run('GET', sequence), moment, 'another one was begun')
    }
    for (const shape of [
      'garbage',
      '[["a.string"]]',
      '[["unknown",null,"present"]]',
      '[["a.map",null,"present"]]',
    ])
      await redis.run(
        'SADD',
        ((await redis.run('KEYS', `*test-${tests}*:shapes:*`)) as string[])[0] ?? '',
        shape,
      )
    const last = await host('last')
    t.match(await last.check('eve'), { fromCache: false })
  })
})
