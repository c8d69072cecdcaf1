import { figureOf, hasOwnLoad, meanIfKnown, overRounds } from '../rounds/figures-of-row.js'
import type { Result } from '../rounds/result.js'
import { groupOf, type Row, titleOf } from '../rounds/row.js'
import { atUsualSpeed, yardstickOf } from '../rounds/yardstick.js'
import { figureCells } from './figure-table.js'
import { short } from './numbers.js'
import { scaledTitle, yardstickNotes } from './yardstick-text.js'

/** What stands around the part of a document that is made of a result. */
const begin = '<!-- made of the kept result: begin -->'
const end = '<!-- made of the kept result: end -->'

/**
 * The document with its generated part made anew.
 * @throws {TypeError} when it has no such part
 */
export function withResult(document: string, result: Result): string {
  const from = document.indexOf(begin)
  const to = document.indexOf(end)
  if (from < 0 || to < from) throw new TypeError(`the document has no part between "${begin}" and "${end}"`)
  return `${document.slice(0, from + begin.length)}\n\n${markdown(result)}\n${document.slice(to)}`
}

/** A result as Markdown: the figures, then what they were computed from. */
export function markdown(result: Result): string {
  const { at, command, machine, rows, figures } = result
  const groups = [...new Set(rows.map(groupOf))]
  const scaled = atUsualSpeed(figures, yardstickOf(rows))
  const lines = [
    `Measured ${at.slice(0, 10)} on ${machine.cores} cores of ${machine.cpu}, ${machine.system}, Node ${machine.node}; load of`,
    `the machine before the run: ${machine.loadBefore.toFixed(2)}. Again: \`${command}\`.`,
    '',
    ...yardstickNotes(result).flatMap(note => [note, '']),
    ...table(['figure', 'wanted', 'aim', 'measured', ''], figures.map(figureCells)),
    ...figures
      .filter(({ reason }) => reason !== undefined)
      .map(({ title, reason }) => `\n${title}: ${reason}.`),
    ...(scaled.length === 0
      ? []
      : ['', ...table([scaledTitle, 'wanted', 'aim', 'scaled', ''], scaled.map(figureCells))]),
    ...groups.flatMap(group => [
      '',
      `**${group}**`,
      '',
      ...table(
        ['', 'op/s', 'p50 µs', 'p99 µs', 'CPU µs host', 'CPU µs adapter', 'kB/op host', 'CPU µs load'],
        rows.filter(row => groupOf(row) === group).map(rowCells),
      ),
    ]),
  ]
  return `${lines.join('\n')}\n`
}

function rowCells(row: Row): string[] {
  const hasAdapter = row.rounds.some(({ adapter }) => adapter !== undefined)
  const allocated = meanIfKnown(row, ({ host }) => host?.allocatedBytes)
  return [
    titleOf(row),
    short(overRounds(row, figureOf.perSecond).mean),
    short(row.latency.p50),
    short(row.latency.p99),
    short(overRounds(row, figureOf.hostCpuUs).mean),
    hasAdapter ? short(overRounds(row, figureOf.adapterCpuUs).mean) : '',
    allocated === undefined ? '' : short(allocated / 1_000),
    hasOwnLoad(row) ? short(overRounds(row, figureOf.loadCpuUs).mean) : '',
  ]
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '--:'))), ...rows.map(line)]
}
