import { figureOf, overRounds } from '../../rounds/figures-of-row.js'
import type { Row } from '../../rounds/row.js'
import { short } from '../numbers.js'
import { element, escaped } from './element.js'

/**
 * CPU per operation as bars, host and adapter behind each other. Of HTML rather than SVG, so that names stay readable however
 * narrow the page is.
 */
export function cpuBars(rows: readonly Row[]): string {
  const known = rows.filter(row => row.rounds.some(({ host }) => host !== undefined))
  const largest = Math.max(...known.map(row => overRounds(row, figureOf.cpuUs).mean), 0)
  if (largest === 0) return ''
  const bars = known.map(row => {
    const host = overRounds(row, figureOf.hostCpuUs).mean
    const adapter = overRounds(row, figureOf.adapterCpuUs).mean
    const text =
      adapter === 0 ? `${short(host)} µs` : `${short(host)} + ${short(adapter)} = ${short(host + adapter)} µs`
    return element(
      'div',
      { class: 'bar' },
      element('span', { class: 'name' }, escaped(row.name)),
      element('span', { class: 'track' }, piece('host', host / largest), piece('adapter', adapter / largest)),
      element('span', { class: 'value' }, text),
    )
  })
  return element('div', { class: 'bars', role: 'group', 'aria-label': 'CPU per operation' }, ...bars)
}

function piece(of: 'host' | 'adapter', share: number): string {
  return element('span', { class: `piece ${of}`, style: `width:${(share * 100).toFixed(1)}%` })
}
