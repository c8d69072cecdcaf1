import { join } from 'node:path'
import t from 'tap'
import { runBench } from '../../src/bench/index.js'
import { readResult } from '../../src/bench/report/result-file.js'

const short = ['--rounds', '2', '--seconds', '0.05', '--quick', '--only', 'session-tcp', '--cache', 'on']

for (const door of ['ext-authz', 'none'])
  t.test(`outboard bench placements --door ${door} measures without errors`, async t => {
    const kept = join(t.testdir(), 'kept.json')
    const args = ['placements', '--door', door, ...short, '--depths', '4', '--rates', '200', '--keep', kept]
    t.equal(await runBench(args, () => {}), 0)
    const { rows } = readResult(kept)
    t.equal(rows.length, 4)
    for (const { id, invalid, rounds } of rows) {
      t.equal(invalid, undefined, `${id}: ${invalid}`)
      t.ok(rounds.every(({ calls }) => calls > 0))
      t.ok(rounds.every(({ loadCpuUs }) => (loadCpuUs === undefined) === (door === 'none')))
    }
  })

t.test('outboard bench says how it is called', async t => {
  t.equal(await runBench(['nothing-like-it'], () => {}), 2)
  t.equal(await runBench(['placements', '--depths', 'many'], () => {}), 2)
  t.equal(await runBench(['placements', '--door', 'back'], () => {}), 2)
  await t.rejects(
    runBench(['target'], () => {}),
    { code: 'CLI_USAGE' },
  )
})
