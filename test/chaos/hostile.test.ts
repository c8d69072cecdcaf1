import { fork } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import { checksAddUp, reportsAddUp } from './support/accounts.js'
import { configYaml, type Gate } from './support/config.js'
import { harms } from './support/harms.js'
import { program } from './support/program.js'
import { Scene } from './support/scene.js'
import { sized, takesItsTime } from './support/size.js'

takesItsTime(t)

/** How much more memory the host may hold for five hostile adapters at once, bytes. */
const mayGrowBytes = 256 * 1_048_576

t.test(
  'hostile adapters beside a healthy one: only their own handlers fail, and memory stays bounded',
  async t => {
    const scene = new Scene(t)
    const adapter = await scene.adapter()
    const hostile = fork(program('hostile-child'))
    scene.ends(() => hostile.kill('SIGKILL'))
    const [told] = await once(hostile, 'message')
    const places: readonly string[] = JSON.parse(String(told))
    const addresses = [adapter.address]
    const bad = harms.map((name, i): Gate => {
      const more = `compiledAdapter: listchecker\nplacement: session\nconnection: {address: "${places[i]}"}`
      return { name, addresses: [], deadline: '500ms', more }
    })
    const host = await scene.host(configYaml([{ name: 'gate', addresses }, ...bad], { addresses }))
    const healthy = scene.load({ mixer: host.mixer, gates: ['gate'], checksInBurst: 2 })
    await scene.served(healthy, 30)
    const resident = async () => (await host.metrics()).sum('process_resident_memory_bytes')
    const atFirst = await resident()
    let most = atFirst
    const attacked = scene.load({ mixer: host.mixer, gates: harms, checksInBurst: 1, reportsInBurst: 0 })
    for (let look = 0; look < sized(6, 600); look++) {
      await scene.served(healthy, 10)
      most = Math.max(most, await resident())
    }
    await attacked.stop()
    await healthy.stop()
    const gate = healthy.of('gate')
    t.equal(gate.right, gate.sent, 'the healthy adapter answered every check')
    for (const harm of harms) {
      const tally = attacked.of(harm)
      t.ok(
        tally.sent > 0 && tally.of('undecided') === tally.sent,
        `${harm}: nobody decided: ${tally.print()}`,
      )
    }
    const metrics = await host.metrics()
    const broken = metrics.sum('outboard_session_protocol_errors_total')
    t.ok(broken >= 3, `${broken} sessions were ended for breaking the protocol`)
    t.ok(most - atFirst < mayGrowBytes, `memory grew by ${Math.round((most - atFirst) / 1_048_576)} MiB`)
    scene.tell(
      `resident ${Math.round(atFirst / 1_048_576)} MiB, at most ${Math.round(most / 1_048_576)} MiB; protocol errors ${broken}; ${attacked.print()}`,
    )
    const both = { checks: new Map([...healthy.checks, ...attacked.checks]) }
    await checksAddUp(t, both, host)
    await reportsAddUp(t, scene, healthy, host, { handed: 'once' })
  },
)
