import { type Bench, type Pace, plan, saturating, warm } from '../commands/session.js'
import { extraAttributes, standardDocuments } from '../config/documents.js'
import { heldSession } from '../figures/checks.js'
import { processRows } from '../figures/processes.js'
import { measureReports, openReports } from '../figures/reports.js'
import { ruleRows } from '../figures/rules.js'
import { placementRow, referencePlacement } from '../placements/list.js'
import { openSubject, type SubjectSetup, standardSetup } from '../placements/open.js'
import { standardVariety, type Workload } from '../requests/workload.js'
import type { Planned } from '../rounds/interleave.js'
import type { Row } from '../rounds/row.js'
import { cacheHitRows } from './cache-hits.js'

/** Something that there can be more of. */
export interface Dimension {
  readonly name: string
  readonly points: readonly number[]
  readonly quickPoints: readonly number[]
  readonly measure: (bench: Bench, pace: Pace, points: readonly number[]) => Promise<Row[]>
}

/** What `bench scale` goes through, in this order. */
export const dimensions: readonly Dimension[] = [
  { name: 'rules', points: [10, 100, 1_000, 10_000], quickPoints: [10, 100], measure: ruleRows },
  {
    name: 'attributes',
    points: [10, 29, 60, 120],
    quickPoints: [10, 60],
    measure: (bench, pace, points) =>
      checkRows(bench, pace, points, {
        key: 'attributes',
        setting: 'attributes in a request, in process, cache off',
        unit: 'attributes',
        setup: count => ({
          row: placementRow(referencePlacement),
          source: fromGenerator({ kind: 'standard', attributes: count, ...standardVariety }),
          documents: place => [...standardDocuments(place), extraAttributes(count)],
        }),
      }),
  },
  {
    name: 'handlers',
    points: [1, 2, 4, 8, 16],
    quickPoints: [1, 4],
    measure: (bench, pace, points) =>
      checkRows(bench, pace, points, {
        key: 'handlers',
        setting: 'handlers that a rule asks, one adapter process, session, cache off',
        unit: 'handlers',
        setup: handlers => ({
          row: placementRow(heldSession),
          documents: place => standardDocuments(place, { handlers }),
        }),
      }),
  },
  {
    name: 'replicas',
    points: [1, 2, 3],
    quickPoints: [1, 2],
    measure: (bench, pace, points) =>
      checkRows(bench, pace, points, {
        key: 'replicas',
        setting: 'replicas of the adapter, session, cache off',
        unit: 'replicas',
        setup: replicas => ({ row: placementRow(heldSession), replicas }),
      }),
  },
  { name: 'cache-hits', points: [0, 50, 90, 99, 100], quickPoints: [0, 100], measure: cacheHitRows },
  { name: 'report-batch', points: [1, 10, 100, 500], quickPoints: [1, 100], measure: batchRows },
  { name: 'processes', points: [1, 2], quickPoints: [1, 2], measure: processRows },
]

/** One way in which a Check is made larger. */
interface CheckDimension {
  readonly key: string
  readonly setting: string
  readonly unit: string
  readonly setup: (point: number) => Partial<SubjectSetup> & Pick<SubjectSetup, 'row'>
}

function fromGenerator(workload: Workload): SubjectSetup['source'] {
  return { from: 'generator', api: 'mixer', workload, connections: 4, client: 'raw' }
}

async function checkRows(
  bench: Bench,
  pace: Pace,
  points: readonly number[],
  { key, setting, unit, setup }: CheckDimension,
): Promise<Row[]> {
  const planned: Planned[] = []
  for (const point of points) {
    bench.line.say(`starting ${point} ${unit}`)
    const { subject } = await openSubject(
      { ...standardSetup, ...setup(point) },
      bench.generator,
      bench.scratch,
    )
    await warm(subject, pace)
    const one = { key: String(point), name: `${point} ${unit}`, shape: saturating, subject }
    planned.push(plan({ key, setting }, one, String(points[0])))
  }
  return bench.measure(planned, pace)
}

/** Few at once, and in process, where the queue is emptied as fast as it is filled; see `measureReports`. */
const reportShape = { kind: 'closed', depth: 2 } as const

async function batchRows(bench: Bench, pace: Pace, points: readonly number[]): Promise<Row[]> {
  const group = {
    key: 'report-batch',
    setting: 'attribute sets in a report, two metrics, in process',
  }
  const planned = []
  for (const batch of points) {
    bench.line.say(`starting reports of ${batch}`)
    const opened = await openReports(bench, referencePlacement, batch)
    await warm(opened.subject, pace, reportShape)
    const one = {
      key: String(batch),
      name: `${batch} in a report`,
      shape: reportShape,
      subject: opened.subject,
    }
    planned.push({ ...plan(group, one, String(points[0])), opened })
  }
  return measureReports(bench, pace, planned)
}
