import { type Bench, type Pace, plan, saturating, warm } from '../commands/session.js'
import { placementRow, referencePlacement } from '../placements/list.js'
import { openSubject, standardSetup } from '../placements/open.js'
import { figureOf, ratioOfRows } from '../rounds/figures-of-row.js'
import type { Subject } from '../rounds/measure.js'
import type { Figure } from '../rounds/result.js'
import type { Row } from '../rounds/row.js'
import { figureOfRatio } from './figure.js'

const group = { key: 'processes', setting: 'processes behind one port, in process, cache off' }
/** Calls at once that keep one process busy; several share what comes, so that each of them needs as many. */
const busyDepth = saturating.depth
/** Rounds for each that other rows get: three processes on two cores disturb each other, and rounds differ for it. */
const timesRounds = 2
/** How much longer than others each process is warmed up: Node still compiles after two seconds, and two share what comes. */
const timesWarmer = 3

/**
 * One host process, or several behind one port; all of them under the same load, which keeps the largest number of processes
 * busy. `lighter`: loads to measure them under before that, calls at once.
 */
export async function processRows(
  bench: Bench,
  pace: Pace,
  counts: readonly number[],
  lighter: readonly number[] = [],
): Promise<Row[]> {
  const subjects: { processes: number; subject: Subject }[] = []
  for (const processes of counts) {
    bench.line.say(`starting ${processes} processes`)
    const { subject } = await openSubject(
      { ...standardSetup, row: placementRow(referencePlacement), processes },
      bench.generator,
      bench.scratch,
    )
    const shape = { kind: 'closed', depth: busyDepth * processes } as const
    await warm(subject, { ...pace, warmMs: pace.warmMs * timesWarmer * processes }, shape)
    subjects.push({ processes, subject })
  }
  const depths = [...lighter, busyDepth * Math.max(...counts)]
  const planned = depths.flatMap(depth =>
    subjects.map(({ processes, subject }) => {
      const name = processes === 1 ? '1 process' : `${processes} processes`
      const shape = { kind: 'closed', depth } as const
      return plan(group, { key: `${processes}@${depth}`, name, shape, subject }, `${counts[0]}@${depth}`)
    }),
  )
  return bench.measure(planned, pace)
}

/** Also under the load of every other row, of which each of two processes has half. */
export async function processFigures(bench: Bench, pace: Pace): Promise<{ rows: Row[]; figures: Figure[] }> {
  const longer = { ...pace, rounds: timesRounds * pace.rounds }
  const rows = await processRows(bench, longer, [1, 2], [busyDepth])
  const [one, two] = rows.slice(-2)
  if (one === undefined || two === undefined) throw new TypeError('rows are missing')
  const figure = figureOfRatio(
    {
      id: 'processes',
      title: 'throughput of two processes ÷ one',
      better: 'more',
      wanted: 1.7,
      aim: undefined,
      basis: `in process, ${2 * busyDepth} at once for either; the load generator needs a core of its own for this to mean anything`,
    },
    ratioOfRows(two, one, figureOf.perSecond),
  )
  return { rows, figures: [figure] }
}
