import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'
import { withResult } from '../../src/bench/report/markdown.js'
import { readResult } from '../../src/bench/report/result-file.js'
import { keeps } from '../../src/bench/rounds/result.js'
import { fullResult } from './sample.js'

const document = readFileSync('docs/performance.md', 'utf8')
const result = readResult('docs/performance/result.json')

t.test('docs/performance.md says what the kept result says', async t => {
  t.equal(
    document,
    withResult(document, result),
    'make it anew: outboard bench show docs/performance/result.json --into docs/performance.md',
  )
})

t.test('the kept result is a whole one', async t => {
  t.equal(result.kind, 'figures')
  t.equal(result.machine.fromSource, false, 'it was measured with the compiled program')
  t.ok(result.figures.length >= 15)
  t.equal(new Set(result.figures.map(({ id }) => id)).size, result.figures.length)
  for (const figure of result.figures)
    t.ok(
      figure.measured !== undefined || figure.reason !== undefined,
      `${figure.id} is measured, or refused with a reason`,
    )
  t.ok(result.rows.every(({ rounds }) => rounds.length >= 5))
})

t.test('figures that are missed are shown as missed', async t => {
  for (const figure of result.figures.filter(one => keeps(one, one.wanted) === 'no'))
    t.match(
      document.split('\n').find(line => line.startsWith(`| ${figure.title} |`)),
      /missed/,
    )
})

t.test('a document without its marks is refused, and made part is replaced as a whole', async t => {
  t.throws(() => withResult('# Nothing', fullResult()), TypeError)
  const once = withResult(document, fullResult())
  t.equal(withResult(once, fullResult()), once)
  t.match(once, '| the figure bad | ≤ 15.0 µs | ≤ 8.00 µs | 21.0 µs ±5 % | missed |')
})

t.test('files that the benchmark’s pages name are there', async t => {
  for (const page of ['docs/performance.md', 'docs/bench.md'])
    for (const [, path = ''] of readFileSync(page, 'utf8').matchAll(/\]\(([^)#:]+)\)/g))
      t.ok(existsSync(`docs/${path}`), `${path} of ${page}`)
  for (const [, path = ''] of document.matchAll(/`(src\/bench\/[a-z./-]+)`/g)) t.ok(existsSync(path), path)
})
