import { figureOf, overRounds } from '../../rounds/figures-of-row.js'
import type { Row } from '../../rounds/row.js'
import { durationTick, short } from '../numbers.js'
import { linearAxis, logAxis, percentileAxis } from './axis.js'
import { frame, type Line, lineChart } from './chart.js'

/** The style of each name: by its place among all names of the page. */
export type StyleOf = (name: string) => number

const plot = {
  left: frame.left,
  right: frame.width - frame.right,
  top: frame.top,
  base: frame.height - frame.bottom,
}

/** How long the slowest calls took: latency over percentile, both growing tenfold by equal steps. */
export function percentileCurves(label: string, rows: readonly Row[], styleOf: StyleOf): string {
  const latencies = rows.flatMap(({ curve }) => curve.map(([, us]) => us)).filter(us => us > 0)
  const highest = Math.max(...rows.flatMap(({ curve }) => curve.map(([p]) => (p < 100 ? p : 0))))
  if (latencies.length === 0) return ''
  const lines = rows.map((row): Line => {
    const points = row.curve.filter(([percentile]) => percentile < 100)
    return { name: row.name, style: styleOf(row.name), points, dots: 'none' }
  })
  const setup = {
    label: `Latency by percentile: ${label}`,
    x: percentileAxis(highest, plot.left, plot.right),
    y: logAxis(Math.min(...latencies), Math.max(...latencies), plot.base, plot.top),
    xTitle: 'percentile',
    yTitle: 'latency',
    xText: (value: number) => `${value} %`,
    yText: durationTick,
  }
  return lineChart(setup, lines)
}

/** What more load brings, and what it costs: p99 over throughput, one dot for each number of calls at once. */
export function throughputLatency(label: string, rows: readonly Row[], styleOf: StyleOf): string {
  const names = [...new Set(rows.map(({ name }) => name))]
  const pointsOf = (name: string) =>
    rows
      .filter(row => row.name === name && row.invalid === undefined)
      .map(row => [overRounds(row, figureOf.perSecond).mean, row.latency.p99] as const)
  const all = names.flatMap(pointsOf)
  if (all.length === 0) return ''
  const p99 = all.map(([, us]) => us)
  const setup = {
    label: `p99 by throughput: ${label}`,
    x: linearAxis(Math.max(...all.map(([perSecond]) => perSecond)), plot.left, plot.right),
    y: logAxis(Math.min(...p99), Math.max(...p99), plot.base, plot.top),
    xTitle: 'operations a second',
    yTitle: 'p99',
    xText: short,
    yText: durationTick,
  }
  return lineChart(
    setup,
    names.map(name => ({ name, style: styleOf(name), points: pointsOf(name), dots: 'each' })),
  )
}
