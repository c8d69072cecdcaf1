import type { Comparison } from './changes.js'
import { columns, wrapped } from './columns.js'
import { short } from './numbers.js'

/** A comparison as text. */
export function printComparison(found: Comparison): string {
  const { since, rows, changes, invalid, mended, gone, added, isSameMachine } = found
  const lines = [
    ...(rows === 0
      ? [`Nothing could be compared: no row holds both now and in the result of ${since}.`]
      : changes.length === 0
        ? [`Nothing changed beyond noise in ${rows} rows since ${since}.`]
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
    ...invalid.flatMap(({ row, reason }) => wrapped(`! holds no more: ${row}: ${reason}`)),
    ...mended.flatMap(({ row, reason }) => wrapped(`! holds now, did not before: ${row}: ${reason}`)),
    ...gone.flatMap(row => wrapped(`! gone: ${row}`)),
    ...added.flatMap(row => wrapped(`! new: ${row}`)),
    ...(isSameMachine
      ? []
      : wrapped('! The two runs are of different machines: what changed is not only the code.')),
  ]
  return `${lines.join('\n')}\n`
}
