import { type Bench, type Pace, plan, warm } from '../commands/session.js'
import { reportDocuments } from '../config/reports.js'
import { placementRow, referencePlacement } from '../placements/list.js'
import { type OpenedSubject, openSubject, standardSetup } from '../placements/open.js'
import { counted } from '../process/metrics.js'
import { standardVariety } from '../requests/workload.js'
import { figureOf, overRounds } from '../rounds/figures-of-row.js'
import type { Planned } from '../rounds/interleave.js'
import type { Figure } from '../rounds/result.js'
import type { Row } from '../rounds/row.js'
import { heldSession } from './checks.js'
import { figureOfInterval } from './figure.js'

/**
 * Thirty thousand attribute sets a second: more than the 13,000 to 20,000 at which Mixer was measured, and less than a host and
 * an adapter on two cores can take. A closed loop would fill the queue faster than the adapter empties it: the host answers
 * when a report is in its queue, and what it then drops costs nothing. With fewer reports a second each costs more, because
 * processes that sleep in between find their caches cold.
 */
const shape = { kind: 'open', perSecond: 300 } as const

/** Opens a host whose reports are counted by the Prometheus adapter. */
export function openReports(
  { generator, scratch }: Bench,
  placement: string,
  batch: number,
): Promise<OpenedSubject> {
  const workload = { kind: 'report', batch, ...standardVariety } as const
  return openSubject(
    {
      ...standardSetup,
      row: placementRow(placement),
      source: { from: 'generator', api: 'mixer-report', workload, connections: 2, client: 'raw' },
      adapter: 'prometheus',
      documents: reportDocuments,
      perCall: batch,
    },
    generator,
    scratch,
  )
}

/** Measures reports, and gives rows up whose host dropped some: what is dropped has not been paid for. */
export async function measureReports(
  bench: Bench,
  pace: Pace,
  planned: readonly (Planned & { readonly opened: OpenedSubject })[],
): Promise<Row[]> {
  const rows = await bench.measure(planned, pace)
  return Promise.all(
    rows.map(async (row, i) => {
      const admin = planned[i]?.opened.admin
      const dropped = admin === undefined ? 0 : await counted(admin, 'outboard_reports_dropped_total')
      return dropped === 0 ? row : { ...row, invalid: `the host dropped ${dropped} reports` }
    }),
  )
}

export async function reportFigures(bench: Bench, pace: Pace): Promise<{ rows: Row[]; figures: Figure[] }> {
  const group = {
    key: 'reports',
    setting: 'attribute sets reported, two metrics, 100 sets in a report',
  }
  const planned = []
  for (const placement of [referencePlacement, heldSession]) {
    bench.line.say(`starting reports, ${placement}`)
    const opened = await openReports(bench, placement, 100)
    await warm(opened.subject, pace, shape)
    const { name } = placementRow(placement)
    const one = { key: placement, name, shape, subject: opened.subject }
    planned.push({ ...plan(group, one, referencePlacement), opened })
  }
  const rows = await measureReports(bench, pace, planned)
  const limits = [
    { id: 'report-in-process', where: 'in process', wanted: 15, aim: 8 },
    { id: 'report-session', where: 'session, both ends', wanted: 20, aim: 10 },
  ]
  const figures = limits.map(({ id, where, wanted, aim }, i) => {
    const row = rows[i]
    if (row === undefined) throw new TypeError('rows are missing')
    return figureOfInterval(
      {
        id,
        title: `CPU per set reported, ${where}`,
        better: 'less',
        wanted,
        aim,
        unit: 'µs',
        basis: '36 attributes, two metrics of ten dimensions to the Prometheus adapter, 100 sets in a report',
      },
      overRounds(row, figureOf.cpuUs),
      row.invalid,
    )
  })
  return { rows, figures }
}
