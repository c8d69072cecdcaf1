import { writeFileSync } from 'node:fs'
import t from 'tap'
import { checksAddUp, reportsAddUp } from './support/accounts.js'
import { configYaml } from './support/config.js'
import { CuttingProxy } from './support/proxy.js'
import { Scene } from './support/scene.js'
import { sized, takesItsTime } from './support/size.js'
import { until } from './support/until.js'

takesItsTime(t)

t.test('a connection that is cut, then refused, then heals', async t => {
  const scene = new Scene(t)
  const adapter = await scene.adapter()
  const proxy = await CuttingProxy.before(adapter.address)
  scene.ends(() => proxy.refuse())
  const addresses = [proxy.address]
  const gates = [
    { name: 'caller', addresses },
    { name: 'closed', addresses, policy: 'closed' },
  ]
  const timing = { pingEveryMs: 200, pingTimeoutMs: 200 }
  const host = await scene.host(configYaml(gates, { addresses }), { timing })
  const load = scene.load({ mixer: host.mixer, gates: ['caller', 'closed'] })
  await scene.served(load, 30)
  const failures = async () => (await host.metrics()).sum('outboard_failure_policy_total')
  for (let round = 0; round < sized(1, 10); round++) {
    // A cut alone costs nothing, once the connection has proved itself: calls are asked again on the next one.
    await until('the connection counts as stable', async () => {
      const [seen] = await host.endpoints('caller')
      return seen?.state === 'ready' && Date.now() - seen.since > 1_500
    })
    const before = { failures: await failures(), accepted: proxy.accepted }
    proxy.cut()
    await until('it is connected again', () => proxy.accepted > before.accepted)
    await scene.served(load, 30)
    t.equal(await failures(), before.failures, 'no call failed for the cut')
    await proxy.refuse()
    await until('policies decide', async () => (await failures()) >= before.failures + 40)
    await proxy.heal()
    await scene.served(load, 20)
    // The worst cut is the one that nobody is told of.
    const silent = proxy.accepted
    proxy.freeze()
    await until('the silence is noticed', () => proxy.accepted > silent)
    await scene.served(load, 20)
  }
  await load.stop()
  await checksAddUp(t, load, host)
  const metrics = await host.metrics()
  const decided = (policy: string) => metrics.sum('outboard_failure_policy_total', { policy })
  t.equal(load.of('caller').of('let-through', 'shut-out', 'no-host'), 0)
  t.equal(load.of('closed').of('let-through', 'undecided', 'no-host'), 0)
  t.equal(load.of('closed').of('shut-out'), decided('closed'))
  t.equal(load.of('caller').of('undecided'), decided('caller'))
  await reportsAddUp(t, scene, load, host, { handed: 'retried' })
})

t.test('a name moves to another address: the old endpoint is left, and nothing fails', async t => {
  const scene = new Scene(t)
  const first = await scene.adapter()
  const port = first.address.slice(first.address.lastIndexOf(':') + 1)
  const adapters = [first, await scene.adapter({ address: `127.0.0.2:${port}` })]
  const names = scene.path('names.json')
  const pointTo = (...ips: readonly string[]) =>
    writeFileSync(names, JSON.stringify({ 'adapters.localhost': ips }))
  pointTo('127.0.0.1')
  const addresses = [`dns:///adapters.localhost:${port}`]
  const config = configYaml([{ name: 'gate', addresses }], { addresses })
  const host = await scene.host(config, { names, timing: { resolveMs: 50 } })
  const load = scene.load({ mixer: host.mixer, gates: ['gate'] })
  await scene.served(load, 30)
  for (let round = 0; round < sized(4, 40); round++) {
    const next = (round + 1) % 2
    pointTo(`127.0.0.${next + 1}`)
    await until('only the new address is used', async () => {
      const endpoints = await host.endpoints('gate')
      return endpoints.length === 1 && endpoints[0]?.address.includes(`127.0.0.${next + 1}`) === true
    })
    const left = adapters[1 - next]
    const before = (await adapters[next]?.facts())?.checks ?? 0
    await scene.served(load, 20)
    t.ok(((await adapters[next]?.facts())?.checks ?? 0) > before, 'the new one is asked')
    await until(
      'the old one has answered all it was asked',
      async () => (await left?.facts())?.underWay === 0,
    )
  }
  await load.stop()
  await checksAddUp(t, load, host)
  t.equal(load.of('gate').right, load.of('gate').sent, 'every check was answered by an adapter')
  await reportsAddUp(t, scene, load, host, { handed: 'once' })
})
