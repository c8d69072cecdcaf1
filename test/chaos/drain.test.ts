import t from 'tap'
import { journalHolds } from './support/accounts.js'
import { configYaml } from './support/config.js'
import { Load } from './support/load.js'
import { Scene } from './support/scene.js'
import { form, sized, takesItsTime } from './support/size.js'
import { until } from './support/until.js'

takesItsTime(t)

/** The short form drains the door that is the default. */
const doorServers = form === 'long' ? ['grpc-js', 'http2'] : ['grpc-js']

for (const doorServer of doorServers) {
  t.test(
    `a host that drains under load (${doorServer}): what is under way is answered, reports are flushed`,
    async t => {
      for (let round = 0; round < sized(1, 10); round++) {
        const scene = new Scene(t)
        const adapter = await scene.adapter()
        const addresses = [adapter.address]
        const flags = { doorServer, drainTimeout: '30s' }
        const gate = { name: 'gate', addresses, deadline: '20s' }
        const host = await scene.host(configYaml([gate], { addresses, deadline: '20s' }), { flags })
        const load = scene.load({ mixer: host.mixer, gates: ['gate'], reportsInBurst: 2 })
        await scene.served(load, 30)
        adapter.slow(400)
        await until('the adapter has checks under way', async () => (await adapter.facts()).underWay >= 10)
        const underWay = (await adapter.facts()).underWay
        const before = load.of('gate').right
        host.signal('SIGTERM')
        t.equal(await host.exited, 0, 'it ends well')
        await load.stop()
        const gateTally = load.of('gate')
        t.equal(gateTally.answered, gateTally.sent, 'every check has an end')
        t.equal(
          gateTally.right + gateTally.of('no-host'),
          gateTally.sent,
          `each was answered by the adapter, or turned away: ${gateTally.print()} ${gateTally.oddities}`,
        )
        t.ok(gateTally.right - before >= underWay, `the ${underWay} checks under way were answered`)
        const late = new Load({ mixer: host.mixer, gates: ['gate'] }).start()
        scene.ends(() => late.close())
        await until('new requests are refused', () => late.of('gate').of('no-host') > 0)
        await late.stop()
        t.equal(late.of('gate').right, 0)
        await journalHolds(t, scene, load, { handed: 'once', lost: 0 })
      }
    },
  )
}
