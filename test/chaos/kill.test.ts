import t from 'tap'
import { checksAddUp, reportsAddUp } from './support/accounts.js'
import { configYaml } from './support/config.js'
import { Scene } from './support/scene.js'
import { sized, takesItsTime } from './support/size.js'
import { until } from './support/until.js'

takesItsTime(t)

/** Gates by policy; each is the same adapter, asked by a handler of its own. */
const policies = {
  open: 'open',
  closed: 'closed',
  caller: 'caller',
  cached: '{cached: {maxAge: 10m, then: closed}}',
}

t.test('kill -9 of the only adapter: each policy decides, and everything is accounted for', async t => {
  const scene = new Scene(t)
  let adapter = await scene.adapter()
  const addresses = [adapter.address]
  const gates = Object.entries(policies).map(([name, policy]) => ({ name, addresses, policy }))
  const host = await scene.host(configYaml(gates, { addresses }))
  const load = scene.load({ mixer: host.mixer, gates: Object.keys(policies), checksInBurst: 1 })
  await scene.served(load, 30)
  const byPolicy = async (policy: string) =>
    (await host.metrics()).sum('outboard_failure_policy_total', { policy })
  for (let round = 0; round < sized(1, 10); round++) {
    const before = await Promise.all(Object.keys(policies).map(byPolicy))
    await adapter.kill()
    for (const [i, policy] of Object.keys(policies).entries())
      await until(`${policy} decides`, async () => (await byPolicy(policy)) >= (before[i] ?? 0) + 20)
    adapter = await scene.adapter({ address: adapter.address })
    await scene.served(load, 20)
  }
  await load.stop()
  await checksAddUp(t, load, host)
  const of = (gate: string) => load.of(gate)
  t.equal(of('open').of('shut-out', 'undecided', 'no-host'), 0, 'open: every request passes or is decided')
  t.ok(of('open').of('let-through') > 0, 'open: what the adapter would have denied passed meanwhile')
  t.equal(of('closed').of('let-through', 'undecided', 'no-host'), 0, 'closed: nothing passes unasked')
  t.equal(of('closed').of('shut-out'), await byPolicy('closed'), 'closed: denied as often as counted')
  t.equal(of('caller').of('let-through', 'shut-out', 'no-host'), 0, 'caller: nobody decides for the proxy')
  t.equal(of('caller').of('undecided'), await byPolicy('caller'), 'caller: undecided as often as counted')
  t.equal(of('cached').right, of('cached').sent, 'cached: every answer was the right one')
  t.ok((await byPolicy('cached')) > 0, 'cached: some of them from memory')
  await reportsAddUp(t, scene, load, host, { handed: 'retried' })
})

t.test('kill -9 of one of two replicas: no check fails', async t => {
  const scene = new Scene(t)
  const replicas = await Promise.all([scene.adapter(), scene.adapter()])
  const addresses = replicas.map(({ address }) => address)
  const host = await scene.host(configYaml([{ name: 'gate', addresses }], { addresses }))
  const ready = () =>
    until('both are ready', async () =>
      (await host.endpoints('gate')).every(({ state }) => state === 'ready'),
    )
  await ready()
  const load = scene.load({ mixer: host.mixer, gates: ['gate'], checksInBurst: 4 })
  await scene.served(load, 60)
  for (let round = 0; round < sized(1, 20); round++) {
    const victim = replicas[round % 2]
    await victim?.kill()
    await scene.served(load, 60)
    replicas[round % 2] = await scene.adapter({ address: addresses[round % 2] ?? '' })
    await ready()
    await scene.served(load, 30)
  }
  await load.stop()
  await checksAddUp(t, load, host)
  t.equal(load.of('gate').right, load.of('gate').sent, 'every check was answered by an adapter')
  await reportsAddUp(t, scene, load, host, { handed: 'retried' })
})
