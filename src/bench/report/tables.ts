import {
  figureOf,
  hasOwnLoad,
  largest,
  meanIfKnown,
  type Of,
  overRounds,
  ratioOfRows,
} from '../rounds/figures-of-row.js'
import type { Result } from '../rounds/result.js'
import { groupOf, type Row } from '../rounds/row.js'
import { atUsualSpeed, yardstickOf } from '../rounds/yardstick.js'
import { maxTailReach, maxVariation } from '../stats/ratio.js'
import { columns, wrapped } from './columns.js'
import { figureTable } from './figure-table.js'
import { megabytes, percents, short, withInterval } from './numbers.js'
import { scaledTitle, yardstickNotes } from './yardstick-text.js'

/** What stands where a figure is refused. */
const none = '–'

const disagreement =
  `${none} (n %): no ratio, because rounds disagree by n % (limit ${maxVariation * 100} %),` +
  ` or of p99 its interval reaches n % further (limit ${maxTailReach * 100} %)`

/** Stands where there is no ratio, for the reason of that number below the table. */
function markOf(index: number): string {
  return `${none} [${index + 1}]`
}

/** A result as text, in lines of at most 100 characters. */
export function printResult(result: Result): string {
  const lines: string[] = []
  for (const group of new Set(result.rows.map(groupOf)))
    lines.push(
      ...groupLines(
        group,
        result.rows.filter(row => groupOf(row) === group),
        result.rows,
      ),
      '',
    )
  if (result.figures.length > 0) lines.push(...figureTable(result.figures), '')
  const scaled = atUsualSpeed(result.figures, yardstickOf(result.rows))
  if (scaled.length > 0) lines.push(...figureTable(scaled, scaledTitle), '')
  for (const note of [...yardstickNotes(result), ...result.notes]) lines.push(...wrapped(`* ${note}`))
  lines.push(...machineLines(result))
  return `${lines.join('\n')}\n`
}

function groupLines(group: string, rows: readonly Row[], all: readonly Row[]): string[] {
  const reasons: string[] = []
  const note = (reason: string): string => {
    if (!reasons.includes(reason)) reasons.push(reason)
    return markOf(reasons.indexOf(reason))
  }
  const speed = columns(
    ['', 'op/s', '±', 'p50 µs', 'p90', 'p99', 'p99.9', 'max', ratioTitle(rows)],
    rows.map(row => [row.name, ...speedCells(row, ratioCell(row, all, ratioFigure(row), note))]),
  )
  // Of a server that is not ours nothing may be known.
  const isCostKnown = rows.some(row => row.rounds.some(({ host }) => host !== undefined))
  const load = rows.some(hasOwnLoad) ? ['load'] : []
  const cost = isCostKnown
    ? columns(
        ['CPU µs/op', 'host', 'adapter', 'both', 'ratio of both', 'MB', 'GC', 'kB/op', ...load],
        rows.map(row => [row.name, ...costCells(row, ratioCell(row, all, figureOf.cpuUs, note))]),
      )
    : []
  const bad = rows.filter(row => row.invalid !== undefined)
  const noted = rows.filter(row => row.note !== undefined)
  return [
    group,
    '',
    ...speed,
    ...(cost.length > 0 ? ['', ...cost] : []),
    ...bad.flatMap(row => wrapped(`! ${row.name}: ${row.invalid}`)),
    ...noted.flatMap(row => wrapped(`! ${row.name}: ${row.note}`)),
    ...([...speed, ...cost].some(line => line.includes(`${none} (`)) ? wrapped(disagreement) : []),
    ...reasons.flatMap((reason, i) => wrapped(`${markOf(i)} no ratio: ${reason}`)),
  ]
}

/** Under a fixed rate it is the slow calls that differ, otherwise the throughput. */
function ratioFigure(row: Row): Of {
  return row.shape.kind === 'open' ? figureOf.p99 : figureOf.perSecond
}

function ratioTitle([first]: readonly Row[]): string {
  return first?.shape.kind === 'open' ? 'ratio of p99' : 'ratio of op/s'
}

function ratioCell(row: Row, all: readonly Row[], of: Of, note: (reason: string) => string): string {
  if (row.reference === undefined) return ''
  const ratio = ratioOfRows(
    row,
    all.find(({ id }) => id === row.reference),
    of,
  )
  if (ratio.kind === 'ratio') return withInterval(ratio.value, ratio.low, ratio.high)
  return ratio.variation === undefined
    ? note(ratio.reason)
    : `${none} (${Math.round(ratio.variation * 100)} %)`
}

function speedCells(row: Row, ratio: string): string[] {
  const perSecond = overRounds(row, figureOf.perSecond)
  const { p50, p90, p99, p999, max } = row.latency
  const half = (perSecond.high - perSecond.low) / 2 / perSecond.mean
  return [
    row.invalid === undefined ? short(perSecond.mean) : none,
    Number.isFinite(half) ? `${Math.round(half * 100)} %` : none,
    ...[p50, p90, p99, p999, max].map(short),
    ratio,
  ]
}

function costCells(row: Row, ratio: string): string[] {
  const hasAdapter = row.rounds.some(({ adapter }) => adapter !== undefined)
  const pair = (host: string, adapter: string) => (hasAdapter ? `${host}+${adapter}` : host)
  const average = (of: Of) => overRounds(row, of).mean
  const gc = meanIfKnown(row, ({ host }) => host?.gcShare)
  const allocated = meanIfKnown(row, ({ host }) => host?.allocatedBytes)
  return [
    short(average(figureOf.hostCpuUs)),
    hasAdapter ? short(average(figureOf.adapterCpuUs)) : '',
    short(average(figureOf.cpuUs)),
    ratio,
    pair(
      megabytes(largest(row, round => round.host?.peakBytes)),
      megabytes(largest(row, round => round.adapter?.peakBytes)),
    ),
    gc === undefined
      ? ''
      : percents(hasAdapter ? [gc, meanIfKnown(row, ({ adapter }) => adapter?.gcShare) ?? 0] : [gc]),
    allocated === undefined
      ? ''
      : pair(
          short(allocated / 1_000),
          short((meanIfKnown(row, ({ adapter }) => adapter?.allocatedBytes) ?? 0) / 1_000),
        ),
    hasOwnLoad(row) ? short(average(figureOf.loadCpuUs)) : '',
  ]
}

function machineLines({ machine, command, at }: Result): string[] {
  const { cpu, cores, memoryBytes, system, node, outboard, loadBefore, fromSource } = machine
  const gigabytes = Math.round(memoryBytes / 1_073_741_824)
  return [
    ...wrapped(
      `${at} on ${cores} cores of ${cpu}, ${gigabytes} GiB, ${system}, Node ${node}, outboard ${outboard}` +
        `${fromSource ? ' (from source)' : ''}; load before the run ${loadBefore.toFixed(2)}`,
    ),
    ...wrapped(`Again: ${command}`),
  ]
}
