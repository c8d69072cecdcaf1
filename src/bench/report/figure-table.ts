import { type Figure, keeps } from '../rounds/result.js'
import { columns, wrapped } from './columns.js'
import { short } from './numbers.js'

/** Figures against what is wanted of them. */
export function figureTable(figures: readonly Figure[], title = 'figure'): string[] {
  const refused = figures.filter(({ reason }) => reason !== undefined)
  return [
    ...columns([title, 'wanted', 'aim', 'measured', ''], figures.map(figureCells)),
    ...refused.flatMap(({ title, reason }) => wrapped(`– ${title}: ${reason}`)),
  ]
}

export function figureCells(figure: Figure): string[] {
  return [
    figure.title,
    limitText(figure, figure.wanted),
    limitText(figure, figure.aim),
    measuredText(figure),
    verdict(figure),
  ]
}

/** `≤ 1.30`, `≥ 50,000 /s`; empty: there is no such limit. */
export function limitText({ better, unit }: Figure, value: number | undefined): string {
  if (value === undefined) return ''
  return `${better === 'less' ? '≤' : '≥'} ${short(value)}${unit === '' ? '' : ` ${unit}`}`
}

/** `1.23 ±4 %`, the half of the 95 % interval; `–` when it was refused. */
export function measuredText({ measured, unit }: Figure): string {
  if (measured === undefined) return '–'
  const { value, low, high } = measured
  const half = (high - low) / 2 / Math.abs(value)
  return `${short(value)}${unit === '' ? '' : ` ${unit}`}${half > 0 ? ` ±${Math.round(half * 100)} %` : ''}`
}

/**
 * `aim`: better than was aimed at; `ok`: as wanted; `missed`; `–`: not measured. With `?` behind it another run may find the
 * opposite, because a limit lies within the interval: the aim's behind `aim`, the wanted one behind `ok` and `missed`.
 */
export function verdict(figure: Figure): string {
  const { measured, wanted, aim } = figure
  if (measured === undefined) return '–'
  const doubt = (limit: number) => (measured.low < limit && limit < measured.high ? '?' : '')
  if (aim !== undefined && keeps(figure, aim) === 'yes') return `aim${doubt(aim)}`
  return `${keeps(figure, wanted) === 'yes' ? 'ok' : 'missed'}${doubt(wanted)}`
}
