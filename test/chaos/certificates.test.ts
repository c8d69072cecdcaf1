import { copyFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { checksAddUp, reportsAddUp } from './support/accounts.js'
import { configYaml } from './support/config.js'
import { Scene } from './support/scene.js'
import { sized, takesItsTime } from './support/size.js'
import { until } from './support/until.js'

takesItsTime(t)

t.test('certificates of the hop are replaced on both sides under load: no call fails', async t => {
  const scene = new Scene(t)
  /** As a careful deployment does: beside it first, then in its place at once. */
  const put = (fixture: string, name: string) => {
    copyFileSync(join(process.cwd(), 'test/fixtures/tls', fixture), scene.path('next'))
    renameSync(scene.path('next'), scene.path(name))
  }
  const give = (name: 'server' | 'client', pair: string) => {
    put(`${pair}.key`, `${name}.key`)
    put(`${pair}.pem`, `${name}.pem`)
  }
  put('ca.pem', 'ca.pem')
  give('server', 'adapter')
  give('client', 'host')
  const adapter = await scene.adapter({
    tls: {
      certificate: scene.path('server.pem'),
      privateKey: scene.path('server.key'),
      clientAuthorities: scene.path('ca.pem'),
      reloadMs: 20,
    },
  })
  const mutual = `{mutual: {privateKey: "${scene.path('client.key')}", clientCertificate: "${scene.path('client.pem')}", caCertificates: "${scene.path('ca.pem')}"}}`
  const more = `connection: {address: "${adapter.address}", authentication: ${mutual}, peerNames: [adapter.outboard.test]}`
  const config = configYaml([{ name: 'gate', addresses: [], more }], { addresses: [], more })
  const host = await scene.host(config, { timing: { rotateMs: 50 } })
  const load = scene.load({ mixer: host.mixer, gates: ['gate'], checksInBurst: 4, reportsInBurst: 2 })
  await scene.served(load, 30)
  const connects = async () =>
    (await host.metrics()).sum('outboard_endpoint_connects_total', { outcome: 'connected' })
  for (let round = 0; round < sized(4, 40); round++) {
    const before = await connects()
    give('server', round % 2 === 0 ? 'adapter-next' : 'adapter')
    give('client', round % 2 === 0 ? 'other-host' : 'host')
    await until('the host connects with the new files', async () => (await connects()) > before)
    await scene.served(load, 20)
  }
  await load.stop()
  await checksAddUp(t, load, host)
  t.equal(load.of('gate').right, load.of('gate').sent, 'not one check failed')
  await reportsAddUp(t, scene, load, host, { handed: 'once' })
})
