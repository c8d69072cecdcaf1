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
 * Reports a second, a hundred sets in each. The first is thirty thousand attribute sets: more than the 13,000 to 20,000 at which
 * Mixer was measured, and less than a host and an adapter on two usual cores can take. On a slower machine both rows are
 * measured at the highest of the others at which neither drops a report. A closed loop would fill the queue faster than the adapter
 * empties it: the host answers when a report is in its queue, and what it then drops costs nothing. With fewer reports a second
 * each costs more, because processes that sleep in between find their caches cold.
 */
const rates: readonly [number, ...number[]] = [300, 150, 75, 35]

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

/** Measures reports, and gives rows up whose host dropped some meanwhile: what is dropped has not been paid for. */
export async function measureReports(
  bench: Bench,
  pace: Pace,
  planned: readonly (Planned & { readonly opened: OpenedSubject })[],
): Promise<Row[]> {
  const before = await Promise.all(planned.map(({ opened }) => droppedBy(opened)))
  const rows = await bench.measure(planned, pace)
  return Promise.all(
    rows.map(async (row, i) => {
      const opened = planned[i]?.opened
      const dropped = opened === undefined ? 0 : (await droppedBy(opened)) - (before[i] ?? 0)
      return dropped === 0 ? row : { ...row, invalid: `the host dropped ${dropped} reports` }
    }),
  )
}

async function droppedBy({ admin }: OpenedSubject): Promise<number> {
  return admin === undefined ? 0 : counted(admin, 'outboard_reports_dropped_total')
}

/** How much longer than other subjects these are warmed: a report comes a hundred times as seldom as a Check. */
const warmTimesLonger = 4

/** Has everything compiled that reports come by, and lets what has then gathered in the queues go. */
async function warmUp(pace: Pace, all: readonly OpenedSubject[]): Promise<void> {
  const longer = { ...pace, warmMs: pace.warmMs * warmTimesLonger }
  for (const { subject } of all) {
    await warm(subject, longer, { kind: 'closed', depth: 4 })
    await warm(subject, pace, { kind: 'open', perSecond: rates.at(-1) ?? rates[0] })
  }
}

/** Warms all of them at the highest rate that none of them drops anything at; answers the rate. */
async function warmAtRate(pace: Pace, all: readonly OpenedSubject[]): Promise<number> {
  await warmUp(pace, all)
  for (const perSecond of rates) {
    const before = await Promise.all(all.map(droppedBy))
    for (const { subject } of all) await warm(subject, pace, { kind: 'open', perSecond })
    const after = await Promise.all(all.map(droppedBy))
    if (after.every((dropped, i) => dropped === before[i])) return perSecond
  }
  return rates.at(-1) ?? rates[0]
}

export async function reportFigures(bench: Bench, pace: Pace): Promise<{ rows: Row[]; figures: Figure[] }> {
  const placements = [referencePlacement, heldSession]
  const all: OpenedSubject[] = []
  for (const placement of placements) {
    bench.line.say(`starting reports, ${placement}`)
    all.push(await openReports(bench, placement, 100))
  }
  const perSecond = await warmAtRate(pace, all)
  const setting = 'attribute sets reported, two metrics, 100 sets in a report'
  const planned = placements.flatMap((placement, i) => {
    const opened = all[i]
    if (opened === undefined) return []
    const { name } = placementRow(placement)
    const one = { key: placement, name, shape: { kind: 'open', perSecond } as const, subject: opened.subject }
    return [{ ...plan({ key: 'reports', setting }, one, referencePlacement), opened }]
  })
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
