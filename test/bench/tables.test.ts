import t from 'tap'
import { maxWidth, wrapped } from '../../src/bench/report/columns.js'
import { verdict } from '../../src/bench/report/figure-table.js'
import { htmlPage } from '../../src/bench/report/html/page.js'
import { markdown } from '../../src/bench/report/markdown.js'
import { short } from '../../src/bench/report/numbers.js'
import { printResult } from '../../src/bench/report/tables.js'
import type { Figure } from '../../src/bench/rounds/result.js'
import { atUsualSpeed, yardstickOf } from '../../src/bench/rounds/yardstick.js'
import { figure, fullResult, result, round, row } from './sample.js'

const text = printResult(fullResult())

t.test('tables fit a hundred columns, whatever names and figures they hold', async t => {
  for (const line of text.split('\n')) t.ok([...line].length <= maxWidth, line)
})

t.test('tables show each row, with its ratio to the reference', async t => {
  const line = (start: string) => text.split('\n').find(one => one.startsWith(start)) ?? ''
  t.match(line('session, Unix <socket>'), /10,000 .* 1\.00 \(1\.00–1\.00\)$/)
  t.match(line('unary, TCP, by a name'), /– \(\d+ %\)$/, 'rounds that disagree give no ratio')
  t.match(text, 'no ratio, because rounds disagree by n % (limit 15 %), or of p99 its interval reaches n %')
})

t.test('a row that does not hold shows no throughput and no ratio, but its reason', async t => {
  const lines = text.split('\n').filter(one => one.startsWith('wrong'))
  t.match(lines[0], /^wrong +– .*– \[1\]$/)
  t.match(text, '! wrong: 3 of 1000 calls went wrong: gRPC status 14')
  t.match(text, '– [1] no ratio: wrong: 3 of 1000 calls went wrong')
})

t.test('under a fixed rate the ratio is that of p99', async t => {
  t.match(text, /cache off, 1000 a second\n\n.*ratio of p99/)
})

t.test('a row shows what its load took, unless the host made it itself', async t => {
  t.match(text, /kB\/op +load\n/)
  t.match(text, /^session, Unix <socket> .* 30\.0$/m)
  const inside = row('inside', [{ ...round(1_000), loadCpuUs: undefined }])
  t.notMatch(printResult(result([inside])), /load\n/)
})

t.test('what a process that is not ours does not tell stays empty', async t => {
  const foreign = { cpuUs: 50, peakBytes: 90_000_000, gcShare: undefined, allocatedBytes: undefined }
  const text = printResult(result([row('foreign', [{ ...round(1_000), host: foreign }])]))
  t.match(text, /^foreign +50\.0 +50\.0 +90 +30\.0$/m)
  t.match(
    markdown(result([row('foreign', [{ ...round(1_000), host: foreign }])])),
    /\| 50\.0 \| {2}\| {2}\| 30\.0 \|/,
  )
})

t.test('a result with an echo says in every form how fast the machine was', async t => {
  const echoes = result([
    row('saturated/echo', [round(1_000, 1_000, 64), round(1_000, 1_000, 66)]),
    row('end/echo', [round(1_000, 1_000, 71)]),
  ])
  const said =
    /a bare grpc-js echo of the standard\s+Check cost 65\.0 µs of CPU in this\s+run \(71\.0 µs at its end\)/
  for (const form of [printResult, markdown, htmlPage]) t.match(form(echoes), said)
  for (const form of [printResult, markdown, htmlPage]) t.notMatch(form(fullResult()), /bare grpc-js echo/)
  t.same(yardstickOf([row('saturated/echo', [round(1)], { invalid: 'wrong' })]), undefined)
})

t.test('figures of time stand there once more, as a machine of the usual speed shows them', async t => {
  const echoes = [row('saturated/echo', [round(1, 1, 120)]), row('end/echo', [round(1, 1, 136)])]
  const measured = { value: 20, low: 18, high: 22 }
  const time = figure('time', measured)
  const figures: Figure[] = [
    time,
    { ...time, id: 'rate', title: 'a rate', unit: '/s', better: 'more' },
    { ...time, id: 'size', unit: 'MB' },
    { ...time, id: 'ratio', unit: '' },
    figure('refused', undefined, 'no rounds'),
  ]
  const scaled = atUsualSpeed(figures, yardstickOf(echoes))
  t.same(
    scaled.map(({ id, measured: found }) => [id, found]),
    [
      ['time', { value: 10, low: 9, high: 11 }],
      ['rate', { value: 40, low: 36, high: 44 }],
    ],
  )
  t.same(atUsualSpeed(figures, undefined), [], 'nothing is known of the machine')
  for (const form of [printResult, markdown, htmlPage]) {
    t.match(form(result(echoes, figures)), /scaled to an echo of 64 µs[\s\S]*10\.0 µs/)
    t.notMatch(form(result([], figures)), /scaled to an echo/)
  }
})

t.test('the verdict of a figure says whether its limit lies within the interval', async t => {
  const verdicts = fullResult().figures.map(verdict)
  t.same(verdicts, ['aim', 'ok', 'ok?', 'missed', '–'])
  t.equal(verdict(figure('near', { value: 16, low: 14, high: 18 })), 'missed?')
  t.equal(verdict(figure('low', { value: 7, low: 5, high: 9 })), 'aim?', 'another run may find it only ok')
  t.equal(verdict(figure('wide', { value: 9, low: 7, high: 11 })), 'ok')
})

t.test('the end tells the machine and what to type to measure again', async t => {
  t.match(text, '2 cores of A processor & its name, 24 GiB')
  t.match(text, 'Again: outboard bench sample')
})

t.test('numbers are written with three digits', async t => {
  const written = [0, 0.01234, 0.5, 1.234, 12.34, 123.4, 1_234.5, 1_234_567, Number.POSITIVE_INFINITY].map(
    short,
  )
  t.same(written, ['0', '0.0123', '0.500', '1.23', '12.3', '123', '1,235', '1,234,567', '∞'])
})

t.test('wrapped breaks at words and indents what follows', async t => {
  const lines = wrapped(`first ${'word '.repeat(40)}last`)
  t.ok(lines.length > 1)
  t.ok(lines.slice(1).every(line => line.startsWith('  word')))
})
