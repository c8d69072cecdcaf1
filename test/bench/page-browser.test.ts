import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { htmlPage } from '../../src/bench/report/html/page.js'
import { fullResult } from './sample.js'

const browser = ['chromium', 'chromium-browser', 'google-chrome'].find(
  name => spawnSync(name, ['--version']).status === 0,
)

/** Everything that would look for the network is off. */
const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** A page that shows another one in a frame of some width, and says how wide its content is and what stands in it. */
function wrapper(page: string, width: number): string {
  const escaped = page.replace(/&/g, '&amp;').replace(/"/g, '&quot;')
  return `<!doctype html><meta charset="utf-8"><pre id="said"></pre>
<iframe style="width:${width}px;height:800px;border:0" srcdoc="${escaped}"></iframe>
<script>
onload = () => {
  const inner = document.querySelector('iframe').contentDocument
  const bars = [...inner.querySelectorAll('.bar')].map(bar => bar.getBoundingClientRect().width)
  const texts = [...inner.querySelectorAll('svg .tick')].map(text => text.getBoundingClientRect())
  document.getElementById('said').textContent = JSON.stringify({
    scroll: inner.documentElement.scrollWidth,
    charts: inner.querySelectorAll('svg[role=img]').length,
    drawn: [...inner.querySelectorAll('svg path.line')].every(path => path.getTotalLength() > 0),
    bars: Math.max(...bars),
    tickHeight: Math.min(...texts.map(text => text.height)),
    leftmost: Math.min(...texts.map(text => text.left)),
  })
}
</script>`
}

for (const width of [360, 1280])
  t.test(`in a real browser the page fits ${width} pixels, and its charts are drawn`, async t => {
    if (browser === undefined) {
      t.comment('No Chromium is installed here, so the page was not looked at in one.')
      t.pass('there is no browser to ask')
      return
    }
    const folder = t.testdir()
    const file = join(folder, 'wrapper.html')
    writeFileSync(file, wrapper(htmlPage(fullResult()), width))
    const args = [...flags, `--user-data-dir=${join(folder, 'profile')}`, '--dump-dom', `file://${file}`]
    const { stdout } = spawnSync(browser, args, { encoding: 'utf8', timeout: 60_000 })
    const said: unknown = JSON.parse(/<pre id="said">(\{.*?\})<\/pre>/.exec(stdout)?.[1] ?? '{}')
    t.match(said, { charts: 4, drawn: true })
    const numbers = Object.fromEntries(
      Object.entries(said ?? {}).map(([name, value]) => [name, Number(value)]),
    )
    t.ok((numbers.scroll ?? Number.NaN) <= width, `the content is ${numbers.scroll} wide`)
    t.ok((numbers.bars ?? Number.NaN) <= width)
    t.ok((numbers.leftmost ?? Number.NaN) >= 0, 'no tick is cut off')
    t.ok((numbers.tickHeight ?? 0) >= 9, `ticks are ${numbers.tickHeight} pixels high`)
  })
