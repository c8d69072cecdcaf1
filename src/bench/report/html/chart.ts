import type { Axis } from './axis.js'
import { element, escaped } from './element.js'

/** Inside of a chart, in units of its view box. */
export const frame = { width: 520, height: 300, left: 80, right: 34, top: 26, bottom: 44 } as const

/** Colours and dashes by number, so that a line looks the same in each chart; after the last they begin anew. */
export const styles = 8

/** A line of a chart, with its points as dots when they are few. */
export interface Line {
  readonly name: string
  readonly style: number
  readonly points: readonly (readonly [x: number, y: number])[]
  readonly dots: 'none' | 'each'
}

export interface ChartSetup {
  /** Read out instead of the picture. */
  readonly label: string
  readonly x: Axis
  readonly y: Axis
  readonly xTitle: string
  readonly yTitle: string
  readonly xText: (value: number) => string
  readonly yText: (value: number) => string
}

/** A chart of lines, as SVG that takes its colours from the page. */
export function lineChart(setup: ChartSetup, lines: readonly Line[]): string {
  const { width, height } = frame
  const drawn = lines.flatMap(line => [path(setup, line), ...dots(setup, line)])
  return element(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': setup.label },
    ...grid(setup),
    ...drawn,
  )
}

function grid({ x, y, xTitle, yTitle, xText, yText }: ChartSetup): string[] {
  const { width, height, left, right, top, bottom } = frame
  const base = height - bottom
  const across = y.ticks.flatMap(tick => [
    element('line', { class: 'grid', x1: left, x2: width - right, y1: tick.at, y2: tick.at }),
    element('text', { class: 'tick end', x: left - 6, y: tick.at + 4 }, escaped(yText(tick.value))),
  ])
  const up = x.ticks.flatMap(tick => [
    element('line', { class: 'grid', x1: tick.at, x2: tick.at, y1: top, y2: base }),
    element('text', { class: 'tick mid', x: tick.at, y: base + 16 }, escaped(xText(tick.value))),
  ])
  return [
    ...across,
    ...up,
    element('text', { class: 'title mid', x: (left + width - right) / 2, y: height - 6 }, escaped(xTitle)),
    element('text', { class: 'title', x: 4, y: top - 10 }, escaped(yTitle)),
  ]
}

function path({ x, y }: ChartSetup, { name, style, points }: Line): string {
  if (points.length < 2) return ''
  const steps = points.map(
    ([px, py], i) => `${i === 0 ? 'M' : 'L'}${x.at(px).toFixed(1)} ${y.at(py).toFixed(1)}`,
  )
  return element(
    'path',
    { class: `line s${style % styles}`, d: steps.join('') },
    element('title', {}, escaped(name)),
  )
}

function dots({ x, y, xText, yText }: ChartSetup, { name, style, points, dots: wanted }: Line): string[] {
  if (wanted === 'none') return []
  return points.map(([px, py]) =>
    element(
      'circle',
      { class: `dot s${style % styles}`, cx: x.at(px), cy: y.at(py), r: 3.5 },
      element('title', {}, escaped(`${name}: ${xText(px)}, ${yText(py)}`)),
    ),
  )
}

/** Which style is whose. */
export function legend(entries: readonly { readonly name: string; readonly style: number }[]): string {
  const items = entries.map(({ name, style }) =>
    element(
      'li',
      {},
      element(
        'svg',
        { class: 'key', viewBox: '0 0 28 10', 'aria-hidden': 'true' },
        element('path', { class: `line s${style % styles}`, d: 'M1 5L27 5' }),
      ),
      escaped(name),
    ),
  )
  return element('ul', { class: 'legend' }, ...items)
}
