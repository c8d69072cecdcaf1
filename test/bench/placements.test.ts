import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runBench } from '../../src/bench/index.js'
import { placementRows } from '../../src/bench/placements/list.js'
import { readResult } from '../../src/bench/report/result-file.js'

// For breakage, not for speed: rounds are as short as they can be.
const short = ['--rounds', '2', '--seconds', '0.05', '--quick']

t.test('placements are those of the host, each by each way', async t => {
  t.same(
    placementRows()
      .map(({ id }) => id)
      .slice(0, 6),
    ['in-process', 'in-process-coded', 'session-unix', 'session-tcp', 'unary-unix', 'unary-tcp'],
  )
})

t.test('outboard bench placements measures every placement through the Mixer door', async t => {
  const folder = t.testdir()
  const [kept, page] = ['kept.json', 'page.html'].map(name => join(folder, name))
  let printed = ''
  const out = (text: string) => {
    printed += text
  }
  const args = [
    'placements',
    ...short,
    '--depths',
    '2',
    '--rates',
    '100',
    '--keep',
    kept ?? '',
    '--html',
    page ?? '',
  ]
  t.equal(await runBench(args, out), 0)
  t.match(printed, 'session, Unix socket')
  t.match(readFileSync(page ?? '', 'utf8'), 'Latency by percentile: 2 at once')
  const { rows } = readResult(kept ?? '')
  t.same(
    rows.map(({ id }) => id),
    placementRows().flatMap(({ id }) => [`${id}/cache-off/depth-2`, `${id}/cache-off/rate-100`]),
  )
  for (const row of rows) {
    t.equal(row.invalid, undefined, `${row.id}: ${row.invalid}`)
    t.equal(row.rounds.length, 2)
    const isOutside = /^(session|unary)/.test(row.id)
    for (const { calls, host, adapter, loadCpuUs } of row.rounds) {
      t.ok(calls > 0)
      t.ok((host?.cpuUs ?? 0) > 0 && (host?.allocatedBytes ?? 0) > 0 && (host?.peakBytes ?? 0) > 0)
      t.equal(adapter !== undefined, isOutside, `${row.id} has an adapter of its own`)
      t.ok((loadCpuUs ?? 0) > 0)
    }
    t.ok((row.cold?.firstUs ?? 0) > 0)
  }
})
