import { createConnection, createServer, type Server } from 'node:net'
import t from 'tap'
import { eventually, freePort, noRedis, RedisServer } from '../../support/redis.js'
import { Host } from './host.js'

t.test('the second tier in trouble', { skip: noRedis ?? false }, async t => {
  t.test('down at the start: answers come without it, and it is used once it is there', async t => {
    const redis = new RedisServer(await freePort(), t.testdir())
    const host = new Host('one', { kind: 'single', url: redis.url })
    t.teardown(async () => {
      host.close()
      await redis.stop()
    })
    for (let nth = 0; nth < 50; nth++)
      t.equal((await host.check(`user-${nth}`)).message, `first for user-${nth}`)
    t.equal(host.tier.status().state, 'connecting')
    t.equal(host.asked, 50)
    await redis.start()
    await host.ready()
    await host.check('late')
    await host.shared(1)
  })

  t.test('down in mid-flight: no answer is lost or late beyond the bound, and it comes back', async t => {
    const port = await freePort()
    const redis = await new RedisServer(port, t.testdir()).start()
    const host = await new Host('one', { kind: 'single', url: redis.url }).ready()
    t.teardown(async () => {
      host.close()
      await redis.stop()
    })
    await host.check('before')
    await host.shared(1)
    const asked = Array.from({ length: 40 }, (_, nth) => host.check(`during-${nth}`))
    await redis.stop()
    const answers = await Promise.all(asked)
    t.same(
      answers.map(({ message }) => message),
      answers.map((_, nth) => `first for during-${nth}`),
    )
    const kept = host.count('outboard_cache_kept_total')
    await redis.start()
    await eventually(async () => {
      await host.check(`after-${Math.random()}`)
      return host.count('outboard_cache_kept_total') > kept
    }, 'it is used again')
  })

  t.test('a withdrawal while it is away is told when it is back, before anything is read', async t => {
    const port = await freePort()
    const redis = await new RedisServer(port, t.testdir()).start()
    const mind = { says: 'first' }
    const one = await new Host('one', { kind: 'single', url: redis.url }, mind).ready()
    const proxy = await delaying(port, () => 0)
    const cut = await new Host(
      'cut',
      { kind: 'single', url: `redis://127.0.0.1:${proxy.port}` },
      mind,
    ).ready()
    t.teardown(async () => {
      one.close()
      cut.close()
      proxy.close()
      await redis.stop()
    })
    await one.check('ann')
    await one.shared(1)
    proxy.cut()
    await eventually(async () => {
      const { withdrawalsPending } = cut.tier.status()
      cut.cache.invalidate('h', undefined)
      return withdrawalsPending > 0
    }, 'the withdrawal waits')
    mind.says = 'second'
    t.match(await cut.check('ann'), { message: 'second for ann', fromCache: false })
    proxy.mend()
    await eventually(() => cut.tier.status().withdrawalsPending === 0, 'the withdrawal was told')
    await eventually(
      async () => (await one.check('ann')).message === 'second for ann',
      'the other host has heard',
    )
  })

  t.test('slow by 200 ms: a look-up waits its bound at most, then the tier is left alone', async t => {
    const port = await freePort()
    const redis = await new RedisServer(port, t.testdir()).start()
    let delayMs = 0
    const proxy = await delaying(port, () => delayMs)
    const url = `redis://127.0.0.1:${proxy.port}`
    const host = await new Host('one', { kind: 'single', url }, undefined, {
      waitMs: 5,
      openMs: 60_000,
    }).ready()
    t.teardown(async () => {
      host.close()
      proxy.close()
      await redis.stop()
    })
    delayMs = 200
    for (let nth = 0; nth < 20; nth++) await host.check(`user-${nth}`)
    t.equal(host.asked, 20)
    t.equal(host.tier.status().state, 'left-alone')
    t.equal(
      host.count('outboard_cache_tier_failures_total', { reason: 'timeout' }),
      5,
      'only five were waited for',
    )
  })

  t.test('stopped without closing its connections: the same', async t => {
    const redis = await new RedisServer(await freePort(), t.testdir()).start()
    const host = await new Host('one', { kind: 'single', url: redis.url }, undefined, { waitMs: 20 }).ready()
    t.teardown(async () => {
      host.close()
      redis.signal('SIGCONT')
      await redis.stop()
    })
    redis.signal('SIGSTOP')
    for (let nth = 0; nth < 10; nth++) t.equal((await host.check(`user-${nth}`)).fromCache, false)
    t.ok(host.count('outboard_cache_tier_failures_total', { reason: 'timeout' }) >= 1)
  })

  t.test('flushed: what was shared is gone, and sharing goes on', async t => {
    const redis = await new RedisServer(await freePort(), t.testdir()).start()
    const one = await new Host('one', { kind: 'single', url: redis.url }).ready()
    const other = await new Host('other', { kind: 'single', url: redis.url }).ready()
    t.teardown(async () => {
      one.close()
      other.close()
      await redis.stop()
    })
    await one.check('ann')
    await one.shared(1)
    await redis.run('FLUSHALL')
    await other.check('ann')
    t.equal(other.asked, 1)
    await one.check('bob')
    await eventually(async () => {
      await one.check(`more-${Math.random()}`)
      return one.count('outboard_cache_kept_total') >= 3
    }, 'answers are shared again')
  })

  t.test('full: nothing more is shared, and every answer is right', async t => {
    const redis = await new RedisServer(await freePort(), t.testdir(), [
      '--maxmemory',
      '1',
      '--maxmemory-policy',
      'noeviction',
    ]).start()
    const host = await new Host('one', { kind: 'single', url: redis.url }).ready()
    t.teardown(async () => {
      host.close()
      await redis.stop()
    })
    for (let nth = 0; nth < 20; nth++)
      t.equal((await host.check(`user-${nth}`)).message, `first for user-${nth}`)
    t.equal(host.count('outboard_cache_kept_total'), 0)
    t.ok(host.count('outboard_cache_tier_failures_total', { reason: 'error' }) > 0)
  })
})

/** A pipe to a server that holds every answer back for some time, and can be cut. */
async function delaying(port: number, delayMs: () => number) {
  const open = new Set<{ destroy(): void }>()
  let isCut = false
  const server: Server = createServer(client => {
    if (isCut) {
      client.destroy()
      return
    }
    const upstream = createConnection(port, '127.0.0.1')
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => open.delete(socket))
    }
    client.pipe(upstream)
    upstream.on('data', data => void setTimeout(() => client.write(data), delayMs()))
    upstream.on('close', () => client.destroy())
    client.on('close', () => upstream.destroy())
  })
  const own = await freePort()
  await new Promise<void>(resolve => server.listen(own, '127.0.0.1', resolve))
  const dropAll = () => {
    for (const socket of open) socket.destroy()
  }
  return {
    port: own,
    cut() {
      isCut = true
      dropAll()
    },
    mend() {
      isCut = false
    },
    close() {
      dropAll()
      server.close()
    },
  }
}
