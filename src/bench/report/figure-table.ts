import { type Figure, keeps } from '../rounds/result.js'
import { columns, wrapped } from './columns.js'
import { short } from './numbers.js'

/** Figures against what is wanted of them. */
export function figureTable(figures: readonly Figure[]): string[] {
  const rows = figures.map(figure => [
    figure.title,
    limit(figure, figure.wanted),
    limit(figure, figure.aim),
    measuredText(figure),
    verdict(figure),
  ])
  const refused = figures.filter(({ reason }) => reason !== undefined)
  return [
    ...columns(['figure', 'wanted', 'aim', 'measured (95 %)', ''], rows),
    ...refused.flatMap(({ title, reason }) => wrapped(`– ${title}: ${reason}`)),
  ]
}

export function limit({ better, unit }: Figure, value: number | undefined): string {
  if (value === undefined) return ''
  return `${better === 'less' ? '≤' : '≥'} ${short(value)}${unit === '' ? '' : ` ${unit}`}`
}

export function measuredText({ measured, unit }: Figure): string {
  if (measured === undefined) return '–'
  const { value, low, high } = measured
  const interval = Number.isFinite(low) && low !== high ? ` (${short(low)}–${short(high)})` : ''
  return `${short(value)}${unit === '' ? '' : ` ${unit}`}${interval}`
}

export function verdict(figure: Figure): string {
  if (keeps(figure, figure.aim) === 'yes') return 'aim'
  switch (keeps(figure, figure.wanted)) {
    case 'yes':
      return 'ok'
    case 'no':
      return 'missed'
    case 'unknown':
      return '–'
  }
}
