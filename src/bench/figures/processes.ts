import { type Bench, type Pace, plan, saturating, warm } from '../commands/session.js'
import { placementRow, referencePlacement } from '../placements/list.js'
import { openSubject, standardSetup } from '../placements/open.js'
import { figureOf, ratioOfRows } from '../rounds/figures-of-row.js'
import type { Planned } from '../rounds/interleave.js'
import type { Figure } from '../rounds/result.js'
import type { Row } from '../rounds/row.js'
import { figureOfRatio } from './figure.js'

/** One host process, or several behind one port. */
export async function processRows(bench: Bench, pace: Pace, counts: readonly number[]): Promise<Row[]> {
  const group = { key: 'processes', setting: 'processes behind one port, in process, cache off' }
  const planned: Planned[] = []
  for (const processes of counts) {
    bench.line.say(`starting ${processes} processes`)
    const { subject } = await openSubject(
      { ...standardSetup, row: placementRow(referencePlacement), processes },
      bench.generator,
      bench.scratch,
    )
    await warm(subject, pace)
    const name = processes === 1 ? '1 process' : `${processes} processes`
    planned.push(plan(group, { key: String(processes), name, shape: saturating, subject }, String(counts[0])))
  }
  return bench.measure(planned, pace)
}

export async function processFigures(bench: Bench, pace: Pace): Promise<{ rows: Row[]; figures: Figure[] }> {
  const rows = await processRows(bench, pace, [1, 2])
  const [one, two] = rows
  if (one === undefined || two === undefined) throw new TypeError('rows are missing')
  const figure = figureOfRatio(
    {
      id: 'processes',
      title: 'throughput of two processes ÷ one',
      better: 'more',
      wanted: 1.7,
      aim: undefined,
      basis: 'in process, 64 at once; the load generator needs a core of its own for this to mean anything',
    },
    ratioOfRows(two, one, figureOf.perSecond),
  )
  return { rows, figures: [figure] }
}
