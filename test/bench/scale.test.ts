import { join } from 'node:path'
import t from 'tap'
import { runBench } from '../../src/bench/index.js'
import { readResult } from '../../src/bench/report/result-file.js'

const short = ['--rounds', '2', '--seconds', '0.05', '--quick']

t.test('outboard bench scale measures each dimension it is asked for', async t => {
  const kept = join(t.testdir(), 'kept.json')
  t.equal(await runBench(['scale', ...short, '--only', 'handlers,cache-hits', '--keep', kept], () => {}), 0)
  const { rows } = readResult(kept)
  t.same(
    rows.map(({ id }) => id),
    ['handlers/1', 'handlers/4', 'cache-hits/0', 'cache-hits/100'],
  )
  for (const { id, invalid } of rows) t.equal(invalid, undefined, `${id}: ${invalid}`)
  const hits = rows.slice(2).map(({ name }) => Number(/(\d+) %$/.exec(name)?.[1]))
  t.ok((hits[0] ?? 100) < 10, 'the host counted few hits where none were wanted')
  t.ok((hits[1] ?? 0) > 50, 'and many where all were')
})

t.test('one process and two get the same load, enough for two', async t => {
  const kept = join(t.testdir(), 'kept.json')
  t.equal(await runBench(['scale', ...short, '--only', 'processes', '--keep', kept], () => {}), 0)
  const { rows } = readResult(kept)
  t.same(
    rows.map(({ id, shape, reference }) => ({ id, shape, reference })),
    [
      { id: 'processes/1@128', shape: { kind: 'closed', depth: 128 }, reference: undefined },
      { id: 'processes/2@128', shape: { kind: 'closed', depth: 128 }, reference: 'processes/1@128' },
    ],
  )
  for (const { id, invalid } of rows) t.equal(invalid, undefined, `${id}: ${invalid}`)
})
