import { type Bench, type Pace, plan, saturating, warm } from '../commands/session.js'
import { otherRules, standardDocuments } from '../config/documents.js'
import { placementRow, referencePlacement } from '../placements/list.js'
import { openSubject, standardSetup } from '../placements/open.js'
import { figureOf, ratioOfRows } from '../rounds/figures-of-row.js'
import type { Planned } from '../rounds/interleave.js'
import type { Figure } from '../rounds/result.js'
import type { Row } from '../rounds/row.js'
import { figureOfRatio } from './figure.js'

/** What a Check pays for rules that are about other services. */
export async function ruleRows(bench: Bench, pace: Pace, counts: readonly number[]): Promise<Row[]> {
  const group = { key: 'rules', setting: 'rules, in process, cache off' }
  const planned: Planned[] = []
  for (const count of counts) {
    bench.line.say(`starting a host with ${count} rules`)
    const { subject } = await openSubject(
      {
        ...standardSetup,
        row: placementRow(referencePlacement),
        documents: place => [...standardDocuments(place), ...otherRules(count - 1)],
      },
      bench.generator,
      bench.scratch,
    )
    await warm(subject, pace)
    const one = { key: String(count), name: `${count} rules`, shape: saturating, subject }
    planned.push(plan(group, one, String(counts[0])))
  }
  return bench.measure(planned, pace)
}

export async function ruleFigures(bench: Bench, pace: Pace): Promise<{ rows: Row[]; figures: Figure[] }> {
  const rows = await ruleRows(bench, pace, [10, 10_000])
  const [few, many] = rows
  if (few === undefined || many === undefined) throw new TypeError('rows are missing')
  const figure = figureOfRatio(
    {
      id: 'rules-cpu',
      title: 'CPU per Check, 10,000 rules ÷ 10 rules',
      better: 'less',
      wanted: 1.3,
      aim: 1.1,
      basis: 'host in process, 64 at once, cache off',
    },
    ratioOfRows(many, few, figureOf.cpuUs),
  )
  return { rows, figures: [figure] }
}
