import { Instant } from '../../attributes/index.js'
import type { EvalFailure } from '../plan.js'
import { invalid, shown } from './invalid.js'

const layout = '2006-01-02T15:04:05Z07:00'
// One digit for the hour passes in Go.
const shape = /^(\d{4})-(\d\d)-(\d\d)T(\d\d?):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))$/
const secondsPerDay = 86_400

/** `timestamp(text)`: RFC 3339. Digits beyond nanoseconds are cut. */
export function timestamp(text: string): Instant | EvalFailure {
  return (
    parseTimestamp(text) ??
    invalid(`could not convert '${shown(text)}' to TIMESTAMP. expected format: '${layout}'`)
  )
}

/** The instant of an RFC 3339 text, or undefined when it is none. */
export function parseTimestamp(text: string): Instant | undefined {
  const found = shape.exec(text)
  if (found === null) return undefined
  const [, year, month, day, hour, minute, second, fraction = '', sign, zoneHour = '0', zoneMinute = '0'] =
    found
  const days = daysSinceEpoch(Number(year), Number(month), Number(day))
  if (days === undefined) return undefined
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  if (Number(zoneHour) > 24 || Number(zoneMinute) > 60) return undefined
  const offset = (Number(zoneHour) * 60 + Number(zoneMinute)) * 60 * (sign === '-' ? -1 : 1)
  const ofDay = (Number(hour) * 60 + Number(minute)) * 60 + Number(second)
  return new Instant(days * secondsPerDay + ofDay - offset, Number(fraction.slice(0, 9).padEnd(9, '0')))
}

/** RFC 3339 in UTC with the shortest fraction. */
export function printTimestamp({ seconds, nanos }: Instant): string {
  const date = new Date(seconds * 1_000)
  if (Number.isNaN(date.getTime())) return `${seconds}.${String(nanos).padStart(9, '0')}s`
  const year = date.getUTCFullYear()
  const rest = date
    .toISOString()
    .replace(/^[+-]?\d+/, '')
    .slice(0, -5)
  const shownYear = `${year < 0 ? '-' : ''}${String(Math.abs(year)).padStart(4, '0')}`
  const fraction = String(nanos).padStart(9, '0').replace(/0+$/, '')
  return `${shownYear}${rest}${fraction === '' ? '' : `.${fraction}`}Z`
}

function daysSinceEpoch(year: number, month: number, day: number): number | undefined {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  const isThatDay = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && day > 0
  return isThatDay ? Math.round(date.getTime() / 1_000 / secondsPerDay) : undefined
}
