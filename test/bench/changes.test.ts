import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runBench } from '../../src/bench/index.js'
import { changesBetween, printChanges } from '../../src/bench/report/changes.js'
import { readResult, resultOf, writeResult } from '../../src/bench/report/result-file.js'
import { fullResult, result, round, row } from './sample.js'

const before = result([row('a', [round(1_000), round(1_010), round(990)])])

t.test('a result comes back from its file as it was', async t => {
  const file = join(t.testdir(), 'kept.json')
  writeResult(file, fullResult())
  t.same(readResult(file), fullResult())
})

t.test('a file that is no result is refused, by what is wrong with it', async t => {
  const folder = t.testdir({
    'text.json': 'no JSON',
    'other.json': '{"format": "other/1"}',
    'half.json': '{}',
  })
  for (const file of ['text.json', 'other.json', 'half.json', 'missing.json'])
    t.throws(() => readResult(join(folder, file)), { code: 'CLI_FILE_UNREADABLE' })
  t.throws(
    () => resultOf({ ...JSON.parse(JSON.stringify(fullResult())), rows: [{}] }),
    /Cannot read id of a row/,
  )
})

t.test('what changed within noise is not a change', async t => {
  const after = result([row('a', [round(1_020), round(1_000), round(1_030)])])
  t.same(changesBetween(before, after), [])
  t.match(printChanges(before, after), 'Nothing changed beyond noise in 1 rows')
})

t.test('what changed beyond noise is told with its size', async t => {
  const after = result([row('a', [round(1_500), round(1_510), round(1_490)])])
  const [change, ...others] = changesBetween(before, after)
  t.same(others, [])
  t.match(change, { figure: 'op/s', before: 1_000, after: 1_500 })
  t.ok(Math.abs((change?.change ?? 0) - 0.5) < 0.01)
  t.match(printChanges(before, after), /op\/s +1,000 +1,500 +\+50 %/)
})

t.test('one round, a row that does not hold, and a row that is new are not compared', async t => {
  const fast = [round(1_500), round(1_510), round(1_490)]
  t.same(changesBetween(before, result([row('a', [round(1_500)])])), [])
  t.same(changesBetween(before, result([row('a', fast, { invalid: 'wrong' })])), [])
  t.same(changesBetween(before, result([row('b', fast)])), [])
})

t.test('results of two machines are compared with a warning', async t => {
  const other = { ...before, machine: { ...before.machine, cpu: 'another' } }
  t.match(printChanges(before, other), 'The two runs are of different machines')
})

t.test('outboard bench show prints a kept result, its page, or its difference to an older one', async t => {
  const folder = t.testdir()
  const [old, now, page] = ['old.json', 'now.json', 'page.html'].map(name => join(folder, name))
  writeResult(old ?? '', before)
  writeResult(now ?? '', fullResult())
  let printed = ''
  const out = (text: string) => {
    printed += text
  }
  t.equal(await runBench(['show', now ?? '', '--html', page ?? ''], out), 0)
  t.match(printed, 'cache off, 64 at once')
  t.match(readFileSync(page ?? '', 'utf8'), '<!doctype html>')
  printed = ''
  t.equal(await runBench(['show', now ?? '', '--baseline', old ?? ''], out), 0)
  t.match(printed, 'Nothing changed beyond noise in 0 rows')
  writeFileSync(old ?? '', '{}')
  await t.rejects(runBench(['show', old ?? ''], out), { code: 'CLI_FILE_UNREADABLE' })
})
