import t from 'tap'
import { checksAddUp, reportsAddUp } from './support/accounts.js'
import { configYaml } from './support/config.js'
import { Scene } from './support/scene.js'
import { sized, takesItsTime } from './support/size.js'
import { until } from './support/until.js'

takesItsTime(t)

t.test(
  'a rolling upgrade: the new version comes up, the old one drains; nothing fails, nothing is doubled',
  async t => {
    const scene = new Scene(t)
    let running = await scene.adapter({ version: '1.0.0' })
    // The second place is empty but for the time of an upgrade, as with a deployment that surges by one.
    const spare = await scene.adapter()
    await spare.kill()
    const addresses = [running.address, spare.address]
    const host = await scene.host(configYaml([{ name: 'gate', addresses }], { addresses }))
    const load = scene.load({ mixer: host.mixer, gates: ['gate'], checksInBurst: 4, reportsInBurst: 2 })
    await scene.served(load, 30)
    for (let round = 0; round < sized(2, 20); round++) {
      const address = addresses[(round + 1) % 2] ?? ''
      const next = await scene.adapter({ address, version: `1.${round + 1}.0` })
      await until('the new version is ready', async () =>
        (await host.endpoints('gate')).some(seen => seen.address === address && seen.state === 'ready'),
      )
      running.signal('SIGTERM')
      t.equal(await running.exited, 0, 'the old version drained and ended by itself')
      await scene.served(load, 30)
      running = next
    }
    await load.stop()
    await checksAddUp(t, load, host)
    t.equal(load.of('gate').right, load.of('gate').sent, 'not one check failed')
    await reportsAddUp(t, scene, load, host, { handed: 'once' })
  },
)

t.test('an upgrade at the only address: calls wait for the successor, and reports lose nothing', async t => {
  const scene = new Scene(t)
  let running = await scene.adapter({ address: `unix:${scene.path('adapter.sock')}` })
  const addresses = [running.address]
  // What a wait may cost is the deadline's affair: here nothing may fail, however slow the machine is.
  const timing = { patienceMs: 60_000 }
  const gate = { name: 'gate', addresses, deadline: '20s' }
  const host = await scene.host(configYaml([gate], { addresses, deadline: '20s' }), { timing })
  const load = scene.load({ mixer: host.mixer, gates: ['gate'] })
  await scene.served(load, 30)
  for (let round = 0; round < sized(1, 10); round++) {
    running.signal('SIGTERM')
    t.equal(await running.exited, 0, 'the old version drained and ended by itself')
    running = await scene.adapter({ address: running.address })
    await scene.served(load, 30)
  }
  await load.stop()
  await checksAddUp(t, load, host)
  t.equal(load.of('gate').right, load.of('gate').sent, 'not one check failed')
  await reportsAddUp(t, scene, load, host, { handed: 'once' })
})
