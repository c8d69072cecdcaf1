import {
  figureOf,
  hasOwnLoad,
  largest,
  meanIfKnown,
  overRounds,
  ratioOfRows,
} from '../../rounds/figures-of-row.js'
import type { Figure } from '../../rounds/result.js'
import { type Row, titleOf } from '../../rounds/row.js'
import { limitText, measuredText, verdict } from '../figure-table.js'
import { megabytes, percent, short, withInterval } from '../numbers.js'
import { element, escaped } from './element.js'

/** A table that scrolls sideways by itself where the page is too narrow. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (kind: 'th' | 'td', row: readonly string[]) =>
    element(
      'tr',
      {},
      ...row.map((cell, i) => element(kind, i === 0 ? { class: 'first' } : {}, escaped(cell))),
    )
  return element(
    'div',
    { class: 'scroll', tabindex: '0' },
    element(
      'table',
      {},
      element('thead', {}, cells('th', head)),
      element('tbody', {}, ...rows.map(row => cells('td', row))),
    ),
  )
}

export function figuresTable(figures: readonly Figure[]): string {
  return table(
    ['figure', 'measured', '', 'wanted', 'aim', 'how'],
    figures.map(figure => [
      figure.title,
      measuredText(figure),
      verdict(figure),
      limitText(figure, figure.wanted),
      limitText(figure, figure.aim),
      figure.reason ?? figure.basis,
    ]),
  )
}

/** Everything that is known of the rows of one group. */
export function rowsTable(rows: readonly Row[], all: readonly Row[]): string {
  const head = [
    '',
    'op/s',
    'p50 µs',
    'p90',
    'p99',
    'p99.9',
    'max',
    'CPU µs/op, host',
    'adapter',
    'ratio of op/s',
    'ratio of p99',
    'ratio of CPU',
    'peak MB',
    'GC',
    'kB/op',
    'first call µs',
    'CPU µs/op, load',
  ]
  return table(
    head,
    rows.map(row => cellsOf(row, all)),
  )
}

function cellsOf(row: Row, all: readonly Row[]): string[] {
  const { p50, p90, p99, p999, max } = row.latency
  const reference = all.find(({ id }) => id === row.reference)
  const ratio = (of: Parameters<typeof ratioOfRows>[2]) => {
    if (row.reference === undefined) return ''
    const found = ratioOfRows(row, reference, of)
    if (found.kind === 'ratio') return withInterval(found.value, found.low, found.high)
    return found.variation === undefined
      ? `– (${found.reason})`
      : `– (${Math.round(found.variation * 100)} %)`
  }
  const gc = meanIfKnown(row, ({ host }) => host?.gcShare)
  const allocated = meanIfKnown(row, ({ host }) => host?.allocatedBytes)
  return [
    titleOf(row),
    short(overRounds(row, figureOf.perSecond).mean),
    ...[p50, p90, p99, p999, max].map(short),
    short(overRounds(row, figureOf.hostCpuUs).mean),
    short(overRounds(row, figureOf.adapterCpuUs).mean),
    ratio(figureOf.perSecond),
    ratio(figureOf.p99),
    ratio(figureOf.cpuUs),
    megabytes(largest(row, ({ host, adapter }) => (host?.peakBytes ?? 0) + (adapter?.peakBytes ?? 0))),
    gc === undefined ? '' : percent(gc),
    allocated === undefined ? '' : short(allocated / 1_000),
    row.cold === undefined ? '' : short(row.cold.firstUs),
    hasOwnLoad(row) ? short(overRounds(row, figureOf.loadCpuUs).mean) : '',
  ]
}
