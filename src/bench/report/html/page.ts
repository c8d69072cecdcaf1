import type { Machine, Result } from '../../rounds/result.js'
import { groupOf, loadText, type Row } from '../../rounds/row.js'
import { atUsualSpeed, yardstickOf } from '../../rounds/yardstick.js'
import { maxTailReach, maxVariation } from '../../stats/ratio.js'
import { scaledTitle, yardstickNotes } from '../yardstick-text.js'
import { cpuBars } from './bars.js'
import { legend, styles } from './chart.js'
import { percentileCurves, type StyleOf, throughputLatency } from './charts.js'
import { element, escaped } from './element.js'
import { style } from './style.js'
import { figuresTable, rowsTable, table } from './tables.js'

/** A result as one page that needs nothing but itself. */
export function htmlPage(result: Result): string {
  const title = `Outboard, bench ${result.kind}`
  const body = [
    element('h1', {}, escaped(title)),
    element(
      'p',
      { class: 'soft' },
      escaped(`Measured ${result.at}. Again: `),
      element('code', {}, escaped(result.command)),
    ),
    ...figuresSection(result),
    ...[...new Set(result.rows.map(({ setting }) => setting))].flatMap(setting =>
      settingSection(
        setting,
        result.rows.filter(row => row.setting === setting),
        result.rows,
      ),
    ),
    ...notesSection(result),
    ...machineSection(result.machine),
  ]
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
${body.join('\n')}
</main>
</body>
</html>
`
}

function figuresSection({ figures, rows }: Result): string[] {
  if (figures.length === 0) return []
  const scaled = atUsualSpeed(figures, yardstickOf(rows))
  return [
    element('h2', {}, 'Against the limits'),
    element(
      'p',
      { class: 'soft' },
      'A question mark: the limit lies within the 95 % interval, behind “aim” the one aimed at, otherwise the one wanted.',
    ),
    element('div', { class: 'figures' }, figuresTable(figures)),
    ...(scaled.length === 0
      ? []
      : [
          element('h2', {}, `Against the limits: ${escaped(scaledTitle)}`),
          element('div', { class: 'figures' }, figuresTable(scaled)),
        ]),
  ]
}

/** Everything that was measured in one setting: how load and latency go together, then each load by itself. */
function settingSection(setting: string, rows: readonly Row[], all: readonly Row[]): string[] {
  const names = [...new Set(rows.map(({ name }) => name))]
  const styleOf: StyleOf = name => names.indexOf(name) % styles
  const closed = rows.filter(({ shape }) => shape.kind === 'closed')
  const isSwept = new Set(closed.map(groupOf)).size > 1
  const sweep = isSwept
    ? [chart('What more calls at once bring, and cost', throughputLatency(setting, closed, styleOf))]
    : []
  const groups = [...new Set(rows.map(groupOf))].map(group => rows.filter(row => groupOf(row) === group))
  const curves = groups.map(some => chart(headOf(some), percentileCurves(headOf(some), some, styleOf)))
  return [
    element('h2', {}, escaped(setting)),
    legend(names.map(name => ({ name, style: styleOf(name) }))),
    element('div', { class: 'charts' }, ...sweep, ...curves),
    element(
      'h3',
      {},
      'CPU per operation',
      ...['host', 'adapter'].map(of =>
        element('span', { class: 'key-of' }, element('span', { class: `swatch ${of}` }), of),
      ),
    ),
    ...groups.flatMap(some => [
      element('h3', {}, escaped(headOf(some))),
      cpuBars(some),
      rowsTable(some, all),
    ]),
  ]
}

function headOf([first]: readonly Row[]): string {
  return first === undefined ? '' : loadText(first.shape)
}

function chart(caption: string, svg: string): string {
  return svg === '' ? '' : element('figure', {}, element('figcaption', {}, escaped(caption)), svg)
}

function notesSection(result: Result): string[] {
  const all = [
    ...yardstickNotes(result),
    ...result.notes,
    `– (n %) stands where a ratio is refused because its rounds disagree by n % (limit ${maxVariation * 100} %), or of p99 its interval reaches n % further (limit ${maxTailReach * 100} %).`,
    'In the curves each nine of the percentile takes as much room as the one before; the slowest call of all is left out.',
  ]
  return [
    element('h2', {}, 'How to read it'),
    element('ul', {}, ...all.map(note => element('li', {}, escaped(note)))),
  ]
}

function machineSection(machine: Machine): string[] {
  const { cpu, cores, memoryBytes, system, node, outboard, loadBefore, fromSource } = machine
  const facts: [string, string][] = [
    ['processor', `${cores} cores of ${cpu}`],
    ['memory', `${Math.round(memoryBytes / 1_073_741_824)} GiB`],
    ['system', system],
    ['Node', node],
    ['Outboard', `${outboard}${fromSource ? ', from source' : ''}`],
    ['load before the run', loadBefore.toFixed(2)],
  ]
  return [element('h2', {}, 'The machine'), table(['', ''], facts)]
}
