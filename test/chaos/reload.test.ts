import t from 'tap'
import { checksAddUp, reportsAddUp } from './support/accounts.js'
import { configYaml } from './support/config.js'
import { Scene } from './support/scene.js'
import { sized, takesItsTime } from './support/size.js'
import { until } from './support/until.js'

takesItsTime(t)

/** Ways to break a configuration: the reader's, the compiler's, and the adapter's own refusal. */
const mistakes = [
  'kind: rule\n  metadata: [',
  'apiVersion: config.istio.io/v1alpha2\nkind: rule\nmetadata: {name: odd, namespace: istio-system}\nspec:\n  match: no.such.attribute == 1\n  actions: [{handler: gate, instances: [path]}]\n',
]

t.test('reloads under load: no check fails, the last good configuration stays', async t => {
  const scene = new Scene(t)
  const adapter = await scene.adapter()
  const addresses = [adapter.address]
  /** Each one gives both handlers new settings, so that they are opened anew and the ones before retire. */
  const good = (note: string) =>
    configYaml([{ name: 'gate', addresses, more: `params: {note: "${note}"}` }], {
      addresses,
      more: `params: {note: "${note}"}`,
    })
  const host = await scene.host(good('start'))
  const load = scene.load({ mixer: host.mixer, gates: ['gate'], checksInBurst: 4, reportsInBurst: 2 })
  await scene.served(load, 30)
  const loads = async (outcome: string) =>
    (await host.metrics()).sum('outboard_config_loads_total', { outcome })
  const changes = sized(14, 100)
  for (let change = 0; change < changes; change++) {
    const isGood = change % 2 === 0
    const outcome = isGood ? 'live' : 'refused'
    const before = await loads(outcome)
    if (isGood) scene.configure(good(`change ${change}`))
    else {
      const mistake = mistakes[((change - 1) / 2) % 3]
      scene.configure(mistake === undefined ? good('refuse me') : `${good('never')}---\n${mistake}`)
    }
    await until(`change ${change} is ${outcome}`, async () => (await loads(outcome)) > before)
    const { snapshot, problems } = {
      snapshot: (await host.metrics()).sum('outboard_snapshot_swaps_total', { outcome: 'opened' }),
      problems: (await host.metrics()).sum('outboard_config_problems'),
    }
    t.equal(problems > 0, !isGood, 'problems are shown while the last change is not in force')
    t.equal(snapshot, 2 + Math.floor(change / 2), 'what was refused is not in force')
  }
  await scene.served(load, 30)
  await load.stop()
  await checksAddUp(t, load, host)
  t.equal(load.of('gate').right, load.of('gate').sent, 'not one check failed')
  t.equal(load.refused.size, 0, 'every report was taken')
  await reportsAddUp(t, scene, load, host, { handed: 'once' })
})
