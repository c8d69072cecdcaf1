import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { eventually, freePort, noRedis, RedisServer } from '../../support/redis.js'
import { Host } from './host.js'

t.test(
  'three nodes watched by sentinels: the master dies in mid-flight',
  { skip: noRedis ?? false },
  async t => {
    const dir = t.testdir({ a: {}, b: {}, c: {}, s1: {}, s2: {}, s3: {} })
    const masterPort = await freePort()
    const replicaOf = ['--replicaof', `127.0.0.1 ${masterPort}`, '--repl-diskless-sync-delay', '0']
    const master = await new RedisServer(masterPort, join(dir, 'a')).start()
    const replicas = [
      await new RedisServer(await freePort(), join(dir, 'b'), replicaOf).start(),
      await new RedisServer(await freePort(), join(dir, 'c'), replicaOf).start(),
    ]
    const sentinels: RedisServer[] = []
    for (const name of ['s1', 's2', 's3']) {
      const conf = join(dir, name, 'sentinel.conf')
      const watch = [
        `sentinel monitor shared 127.0.0.1 ${masterPort} 2`,
        'sentinel down-after-milliseconds shared 500',
        'sentinel failover-timeout shared 2000',
      ]
      writeFileSync(conf, `${watch.join('\n')}\n`)
      sentinels.push(await new RedisServer(await freePort(), join(dir, name), [conf, '--sentinel']).start())
    }
    await eventually(async () => {
      const info = String(await sentinels[0]?.run('INFO', 'sentinel'))
      return /slaves=2,sentinels=3/.test(info)
    }, 'the sentinels know each other and the replicas')
    const servers = {
      kind: 'sentinel' as const,
      name: 'shared',
      sentinels: sentinels.map(({ port }) => `127.0.0.1:${port}`),
    }
    const mind = { says: 'first' }
    const one = await new Host('one', servers, mind).ready()
    const other = await new Host('other', servers, mind).ready()
    t.teardown(async () => {
      one.close()
      other.close()
      for (const server of [...sentinels, ...replicas, master]) await server.stop()
    })

    await one.check('ann')
    await one.shared(1)
    t.equal((await other.check('ann')).fromCache, true, 'shared before')

    let wrong = 0
    let answered = 0
    let over = false
    const load = (async () => {
      for (let nth = 0; !over; nth++) {
        const { message } = await one.check(`user-${nth % 50}`)
        answered++
        if (message !== `first for user-${nth % 50}` && message !== `second for user-${nth % 50}`) wrong++
        await new Promise(resolve => setTimeout(resolve, 1))
      }
    })()
    await master.stop()
    mind.says = 'second'
    one.cache.invalidate('h', undefined)
    t.equal((await one.check('ann')).message, 'second for ann', 'at once where it was withdrawn')
    await eventually(
      () => one.tier.status().withdrawalsPending === 0,
      'the new master was told of the withdrawal',
    )
    await eventually(
      async () => (await other.check('ann')).message === 'second for ann',
      'the other host has heard',
    )
    over = true
    await load
    t.equal(wrong, 0, `of ${answered} answers during the failover none was wrong`)
    const kept = one.count('outboard_cache_kept_total')
    await eventually(async () => {
      await one.check(`new-${Math.random()}`)
      return one.count('outboard_cache_kept_total') > kept
    }, 'answers are shared on the new master')
    const third = await new Host('third', servers, mind).ready()
    t.equal((await third.check('ann')).message, 'second for ann', 'a host that begins now finds nothing old')
    third.close()
  },
)

t.test(
  'a cluster of three masters: shared and withdrawn over every shard',
  { skip: noRedis ?? false },
  async t => {
    const dir = t.testdir({ a: {}, b: {}, c: {} })
    const nodes: RedisServer[] = []
    for (const name of ['a', 'b', 'c']) {
      // The bus port is 10,000 above the port, so the port must leave room.
      let port = await freePort()
      while (port > 55_000) port = await freePort()
      nodes.push(await new RedisServer(port, join(dir, name), ['--cluster-enabled', 'yes']).start())
    }
    const [first, ...rest] = nodes
    if (first === undefined) return t.fail('no node')
    for (const [index, node] of nodes.entries())
      await node.run(
        'CLUSTER',
        'ADDSLOTSRANGE',
        index * 5_461,
        index === 2 ? 16_383 : (index + 1) * 5_461 - 1,
      )
    for (const node of rest) await node.run('CLUSTER', 'MEET', '127.0.0.1', first.port)
    for (const node of nodes)
      await eventually(
        async () =>
          /cluster_state:ok[\s\S]*cluster_known_nodes:3/.test(String(await node.run('CLUSTER', 'INFO'))),
        'the cluster is whole',
      )
    const servers = { kind: 'cluster' as const, nodes: nodes.map(({ port }) => `127.0.0.1:${port}`) }
    const mind = { says: 'first' }
    const one = await new Host('one', servers, mind).ready()
    const other = await new Host('other', servers, mind).ready()
    t.teardown(async () => {
      one.close()
      other.close()
      for (const node of nodes) await node.stop()
    })
    const users = Array.from({ length: 40 }, (_, nth) => `user-${nth}`)
    await one.check('warm')
    for (const user of users) await one.check(user)
    await one.shared(users.length)
    for (const user of users) t.equal((await other.check(user)).message, `first for ${user}`)
    t.ok(other.asked <= 2, `the other host asked ${other.asked} of ${users.length} times`)
    mind.says = 'second'
    one.cache.invalidate('h', undefined)
    await eventually(() => one.tier.status().withdrawalsPending === 0, 'every shard was told')
    const third = await new Host('third', servers, mind).ready()
    for (const user of users) t.equal((await third.check(user)).message, `second for ${user}`)
    third.close()
    await other.check('ann')
    mind.says = 'third'
    for (const node of nodes) await node.run('FLUSHALL')
    t.equal((await other.check('ann')).message, 'second for ann', 'from its memory')
    for (const node of nodes) await node.run('CLIENT', 'KILL', 'TYPE', 'pubsub')
    await eventually(
      async () => (await other.check('ann')).message === 'third for ann',
      'who was cut off from the channel gives nothing more from memory',
    )
  },
)
