import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runBench } from '../../src/bench/index.js'
import { changesBetween, comparison } from '../../src/bench/report/changes.js'
import { printComparison } from '../../src/bench/report/changes-text.js'
import { deliver, prepareDelivery } from '../../src/bench/report/deliver.js'
import { readResult, resultOf, writeResult } from '../../src/bench/report/result-file.js'
import type { Result } from '../../src/bench/rounds/result.js'
import { fullResult, result, round, row } from './sample.js'

const printChanges = (before: Result, after: Result) => printComparison(comparison(before, after))

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

t.test('one round, a row that does not hold, and a row that is new are not compared, but named', async t => {
  const fast = [round(1_500), round(1_510), round(1_490)]
  const alone = result([row('a', [round(1_500)])])
  const invalid = result([row('a', fast, { invalid: 'it broke' })])
  const other = result([row('b', fast)])
  for (const after of [alone, invalid, other]) t.same(changesBetween(before, after), [])
  t.match(printChanges(before, invalid), /could be compared[\s\S]*! holds no more: a, .*: it broke/)
  t.match(printChanges(invalid, before), /! holds now, did not before: a, .*: it broke/)
  t.match(printChanges(before, other), /could be compared[\s\S]*! gone: a, [\s\S]*! new: b, /)
})

t.test('a schedule whose rate was always reached, and is no more, has changed', async t => {
  const [was, is] = [1_000, 700].map(rate => result([row('a', [round(rate), round(rate), round(rate)])]))
  t.match(changesBetween(was!, is!), [{ figure: 'op/s', before: 1_000, after: 700 }])
  t.same(changesBetween(was!, was!), [])
})

t.test('of many figures that did not change hardly any comparison names one', async t => {
  let seed = 99
  const chance = () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return (seed + 0.5) / 4_294_967_296
  }
  const normal = () => Math.sqrt(-2 * Math.log(chance())) * Math.cos(2 * Math.PI * chance())
  const noisy = (level: number) => level * (1 + 0.1 * normal())
  const some = (changed: number) =>
    result(
      Array.from({ length: 60 }, (_, i) =>
        row(
          `${i}`,
          Array.from({ length: 5 }, () => round(noisy(i < changed ? 2_000 : 1_000), noisy(1_000), noisy(50))),
        ),
      ),
    )
  const trials = 100
  let wrong = 0
  for (let i = 0; i < trials; i++) if (changesBetween(some(0), some(0)).length > 0) wrong++
  t.ok(wrong <= 12, `${wrong} of ${trials}`)
  const found = changesBetween(some(0), some(6)).map(({ row: name, figure }) => `${figure} of ${name}`)
  for (let i = 0; i < 6; i++) t.ok(found.some(one => one.startsWith(`op/s of ${i},`)))
})

t.test('a result of another benchmark, door or client is refused before anything is measured', async t => {
  const folder = t.testdir({ 'text.json': 'no JSON' })
  const kept = join(folder, 'kept.json')
  writeResult(kept, { ...before, kind: 'placements', options: { door: 'mixer', client: 'raw' } })
  const refused = (kind: string, options: Record<string, string>, message: RegExp) =>
    t.throws(() => prepareDelivery({ baseline: kept }, { kind, options }), {
      code: 'CLI_BAD_OPTION',
      message,
    })
  refused('scale', {}, /its benchmark is "placements", that of this one is "scale"/)
  refused('placements', { door: 'none' }, /its door is "mixer", that of this one is "none"/)
  refused('placements', { door: 'mixer', client: 'http2' }, /its client is "raw"/)
  const same = { kind: 'placements', options: { door: 'mixer', client: 'raw' } }
  t.equal(prepareDelivery({ baseline: kept }, same).before?.kind, 'placements')
  const bad = { code: 'CLI_FILE_UNREADABLE' }
  t.throws(() => prepareDelivery({ baseline: join(folder, 'text.json') }, same), bad)
  for (const option of ['json', 'html', 'keep'])
    for (const file of [folder, join(folder, 'nowhere/x')])
      t.throws(() => prepareDelivery({ [option]: file }, same), bad)
  for (const option of ['html', 'keep'])
    t.throws(() => prepareDelivery({ [option]: '-' }, same), { code: 'CLI_BAD_OPTION' })
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
  t.match(printed, /Nothing could be compared[\s\S]*! gone: a, [\s\S]*! new: wrong, /)
  writeFileSync(old ?? '', '{}')
  await t.rejects(runBench(['show', old ?? ''], out), { code: 'CLI_FILE_UNREADABLE' })
})

t.test('the comparison is in the JSON as well', async t => {
  const folder = t.testdir()
  const [old, json] = ['old.json', 'now.json'].map(name => join(folder, name))
  writeResult(old!, before)
  const after = result([row('a', [round(1_500), round(1_510), round(1_490)])])
  let printed = ''
  for (const to of ['-', json!])
    deliver(after, prepareDelivery({ json: to, baseline: old }, after), text => {
      printed += text
    })
  const wanted = { comparison: { rows: 1, changes: [{ figure: 'op/s', after: 1_500 }] } }
  t.match(JSON.parse(readFileSync(json!, 'utf8')), wanted)
  t.match(JSON.parse(printed.slice(0, printed.lastIndexOf('}') + 1)), wanted)
  t.same(readResult(json!), after, 'it is a result all the same')
})
