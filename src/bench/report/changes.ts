import { figureOf, type Of } from '../rounds/figures-of-row.js'
import type { Result } from '../rounds/result.js'
import { groupOf, type Row } from '../rounds/row.js'
import { deviation, interval } from '../stats/student.js'
import { columns, wrapped } from './columns.js'
import { short } from './numbers.js'

/** A figure that is not what it was. */
export interface Change {
  readonly row: string
  readonly figure: string
  readonly before: number
  readonly after: number
  /** `after` over `before`, less one. */
  readonly change: number
}

/** What is compared, by its name in the table. */
const compared: readonly (readonly [name: string, of: Of])[] = [
  ['op/s', figureOf.perSecond],
  ['p50 µs', figureOf.p50],
  ['p99 µs', figureOf.p99],
  ['CPU µs, host', figureOf.hostCpuUs],
  ['CPU µs, adapter', figureOf.adapterCpuUs],
  ['bytes/op, host', figureOf.hostAllocated],
]

/** Differences smaller than this share are noise, however well rounds agree. */
const leastChange = 0.03

/**
 * What changed beyond noise: the 95 % intervals of both runs do not touch, and the difference is at least 3 %. Rows that only
 * one of them has, or that do not hold, are not compared.
 */
export function changesBetween(before: Result, after: Result): Change[] {
  const rowsBefore = new Map(before.rows.map(row => [row.id, row]))
  return after.rows.flatMap(row => {
    const earlier = rowsBefore.get(row.id)
    return earlier === undefined ? [] : compared.flatMap(([name, of]) => changeOf(earlier, row, name, of))
  })
}

function changeOf(earlier: Row, row: Row, figure: string, of: Of): Change[] {
  if (earlier.invalid !== undefined || row.invalid !== undefined) return []
  const values = [earlier, row].map(({ rounds }) => rounds.map(of))
  if (values.some(those => those.length < 2 || deviation(those) === 0)) return []
  const [was, is] = values.map(interval)
  if (was === undefined || is === undefined || was.mean === 0) return []
  const change = is.mean / was.mean - 1
  const apart = is.low > was.high || is.high < was.low
  if (!apart || Math.abs(change) < leastChange) return []
  return [{ row: `${row.name}, ${groupOf(row)}`, figure, before: was.mean, after: is.mean, change }]
}

export function printChanges(before: Result, after: Result): string {
  const changes = changesBetween(before, after)
  const both = after.rows.filter(({ id }) => before.rows.some(row => row.id === id)).length
  const sameMachine = before.machine.cpu === after.machine.cpu && before.machine.cores === after.machine.cores
  const lines = [
    ...(changes.length === 0
      ? [`Nothing changed beyond noise in ${both} rows since ${before.at}.`]
      : columns(
          ['changed beyond noise', '', 'before', 'now', 'change'],
          changes.map(({ row, figure, before: was, after: is, change }) => [
            row,
            figure,
            short(was),
            short(is),
            `${change > 0 ? '+' : ''}${(change * 100).toFixed(0)} %`,
          ]),
        )),
    ...(sameMachine
      ? []
      : wrapped('! The two runs are of different machines: what changed is not only the code.')),
  ]
  return `${lines.join('\n')}\n`
}
