import t from 'tap'
import { linearAxis, logAxis, percentileAxis } from '../../src/bench/report/html/axis.js'
import { htmlPage } from '../../src/bench/report/html/page.js'
import { fullResult, result } from './sample.js'

const page = htmlPage(fullResult())

/** Elements without an end. */
const empty = new Set(['meta', '!doctype'])

/** What is opened and not closed, or closed and not opened. */
function unbalanced(html: string): string[] {
  const open: string[] = []
  const wrong: string[] = []
  for (const [, slash, name = ''] of html.matchAll(/<(\/?)(!?[a-z][a-z0-9]*)[^<>]*>/g)) {
    if (empty.has(name)) continue
    if (slash === '') open.push(name)
    else if (open.pop() !== name) wrong.push(`</${name}>`)
  }
  return [...wrong, ...open]
}

t.test('the page is well-formed', async t => {
  t.same(unbalanced(page), [])
  t.same(unbalanced('<p><b></p>'), ['</p>', 'p'].slice(0, 1).concat('p'), 'and the test can tell')
})

t.test('the page needs nothing but itself', async t => {
  t.notMatch(page, /https?:|src=|href=|@import|url\(|<script/)
  t.ok(page.length < 200_000)
})

t.test('the page shows names and commands as they are, not as markup', async t => {
  t.notMatch(page, '<socket>')
  t.match(page, 'session, Unix &lt;socket&gt;')
  t.match(page, 'outboard bench sample --json &quot;&lt;file&gt;&quot;')
})

t.test('the page has a chart for each load, one across loads, bars, figures and the machine', async t => {
  const charts = [...page.matchAll(/<svg[^>]*role="img" aria-label="([^"]*)"/g)].map(([, label]) => label)
  t.same(charts, [
    'p99 by throughput: cache off',
    'Latency by percentile: 64 at once',
    'Latency by percentile: 1000 a second',
    'Latency by percentile: 8 at once',
  ])
  t.notMatch(page, /NaN|undefined|Infinity/)
  t.match(page, 'class="piece adapter"')
  t.match(page, 'rounds disagree by 40 % (limit 15 %)', 'why a figure is refused')
  t.match(page, 'does not hold: 3 of 1000 calls went wrong')
  t.match(page, '2 cores of A processor &amp; its name')
  t.match(page, 'prefers-color-scheme:dark')
  t.match(page, '<meta name="viewport"')
})

t.test('the page of a result without rows is one, too', async t => {
  t.same(unbalanced(htmlPage(result([]))), [])
})

t.test('axes put values in order, between their ends, with ticks among them', async t => {
  for (const axis of [
    logAxis(12, 34_000, 200, 10),
    linearAxis(9_400, 60, 500),
    percentileAxis(99.9, 60, 500),
  ]) {
    t.ok(axis.ticks.length >= 3)
    const places = axis.ticks.map(({ value }) => axis.at(value))
    t.same(
      places,
      axis.ticks.map(({ at }) => at),
    )
    const isRising = places.every((place, i) => i === 0 || place > (places[i - 1] ?? 0))
    const isFalling = places.every((place, i) => i === 0 || place < (places[i - 1] ?? 0))
    t.ok(isRising || isFalling)
  }
  t.equal(logAxis(1, 100, 0, 100).at(10), 50)
  t.equal(logAxis(1, 100, 0, 100).at(1_000), 100, 'what is outside is at the edge')
  t.equal(Math.round(percentileAxis(99.9, 0, 300).at(99)), 200)
})
