import t from 'tap'
import { checksAddUp, reportsAddUp } from './support/accounts.js'
import { configYaml } from './support/config.js'
import type { HostProcess } from './support/host-process.js'
import { Scene } from './support/scene.js'
import { sized, takesItsTime } from './support/size.js'
import { until } from './support/until.js'

takesItsTime(t)

/** What the endpoint at an address is doing. */
async function stateOf(host: HostProcess, address: string) {
  return (await host.endpoints('gate')).find(endpoint => endpoint.address === address)
}

function becomes(host: HostProcess, address: string, ...states: readonly string[]): Promise<void> {
  return until(`${address} is ${states.join(' or ')}`, async () =>
    states.includes((await stateOf(host, address))?.state ?? ''),
  )
}

t.test(
  'a replica that is stopped is set aside, probed, and comes back; its late answers are dropped',
  async t => {
    const scene = new Scene(t)
    const [stopped, other] = [await scene.adapter(), await scene.adapter()]
    const addresses = [stopped.address, other.address]
    const deadline = '10s'
    const host = await scene.host(configYaml([{ name: 'gate', addresses, deadline }], { addresses }))
    await Promise.all(addresses.map(address => becomes(host, address, 'ready')))
    const load = scene.load({ mixer: host.mixer, gates: ['gate'], checksInBurst: 6 })
    const gate = load.of('gate')
    await scene.served(load, 100)
    for (let round = 0; round < sized(1, 10); round++) {
      const before = await other.facts()
      stopped.signal('SIGSTOP')
      await becomes(host, stopped.address, 'degraded', 'down')
      await scene.served(load, sized(100, 2_000))
      t.ok((await other.facts()).checks > before.checks + 50, 'the other does the work')
      stopped.signal('SIGCONT')
      await becomes(host, stopped.address, 'ready')
      const back = await stopped.facts()
      await until('it is asked again', async () => (await stopped.facts()).checks > back.checks + 20)
    }
    await load.stop()
    await checksAddUp(t, load, host)
    t.equal(gate.right, gate.sent, 'no check failed: those that waited for it were asked elsewhere')
    await reportsAddUp(t, scene, load, host, { handed: 'retried' })
  },
)

t.test('a replica that is slow beside the other is set aside: no check fails, few wait', async t => {
  const scene = new Scene(t)
  const [slow, quick] = [await scene.adapter(), await scene.adapter()]
  const addresses = [slow.address, quick.address]
  const host = await scene.host(configYaml([{ name: 'gate', addresses }], { addresses }))
  await Promise.all(addresses.map(address => becomes(host, address, 'ready')))
  const load = scene.load({ mixer: host.mixer, gates: ['gate'], checksInBurst: 6 })
  await scene.served(load, 100)
  slow.slow(500)
  await becomes(host, slow.address, 'degraded')
  t.match((await stateOf(host, slow.address))?.reason, /others in|no answer for/, 'it says why')
  const before = await slow.facts()
  const beside = await quick.facts()
  await scene.served(load, sized(150, 10_000))
  const probes = (await slow.facts()).checks - before.checks
  const work = (await quick.facts()).checks - beside.checks
  t.ok(probes * 5 < work, `${probes} probes to the slow one, ${work} checks to the other`)
  slow.slow(0)
  await becomes(host, slow.address, 'ready')
  await load.stop()
  await checksAddUp(t, load, host)
  t.equal(load.of('gate').right, load.of('gate').sent, 'every check was answered by an adapter')
  await reportsAddUp(t, scene, load, host, { handed: 'once' })
})
