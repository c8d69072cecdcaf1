import { join } from 'node:path'
import t from 'tap'
import { runBench } from '../../src/bench/index.js'
import { placementRows } from '../../src/bench/placements/list.js'
import { readResult } from '../../src/bench/report/result-file.js'

const short = ['--rounds', '2', '--seconds', '0.05', '--quick']

t.test('outboard bench istio-shape follows one report to its adapter in every placement', async t => {
  const kept = join(t.testdir(), 'kept.json')
  let printed = ''
  const out = (text: string) => {
    printed += text
  }
  t.equal(await runBench(['istio-shape', ...short, '--keep', kept], out), 0)
  t.match(printed, 'Istio published 15.2 µs in process and 292 µs out of process for one Report, 19.2 times')
  const { rows, figures } = readResult(kept)
  const settings = [...new Set(rows.map(({ setting }) => setting))]
  t.match(settings, [
    /from the engine until its adapter has answered/,
    /from a client by the Mixer door until its adapter has answered/,
    /from a client until the Mixer door has answered/,
  ])
  for (const setting of settings) {
    const placements = rows.filter(row => row.setting === setting).map(({ name }) => name)
    t.same(
      placements,
      placementRows().map(({ name }) => name),
    )
  }
  t.ok(
    rows.every(
      ({ id, rounds: [first] }) => (first?.loadCpuUs === undefined) === id.startsWith('istio-shape/'),
    ),
  )
  t.match(printed, /Until its adapter has answered:[\s\S]*Mean:\s+[\d,.]+ µs\s+in\s+process/)
  for (const { id, invalid, rounds } of rows) {
    t.equal(invalid, undefined, `${id}: ${invalid}`)
    t.ok(rounds.every(({ calls, latency }) => calls > 0 && latency.mean > 0))
  }
  t.match(figures, [
    { id: 'istio-shape', wanted: 4, aim: 2 },
    { id: 'istio-shape-client', wanted: 4, aim: 2 },
  ])
})
