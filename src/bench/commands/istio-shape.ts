import { Command } from 'commander'
import { writeConfig } from '../config/documents.js'
import { shapeDocuments } from '../config/reports.js'
import { figureOfRatio } from '../figures/figure.js'
import { InnerLoad, startBenchHost, startSpy } from '../host/bench-host.js'
import { type PlacementRow, placementRows, referencePlacement } from '../placements/list.js'
import { deliver } from '../report/deliver.js'
import { figureOf, ratioOfRows } from '../rounds/figures-of-row.js'
import type { Subject } from '../rounds/measure.js'
import type { Figure } from '../rounds/result.js'
import type { Row } from '../rounds/row.js'
import type { BenchContext } from './context.js'
import { type CommonFlags, deliveryOf, withCommonOptions } from './options.js'
import { type Bench, type Findings, type Pace, paceOf, plan, runSession, warm } from './session.js'

/** What Istio published of Mixer for this shape: one Report, microseconds, adapter in process and out of process. */
const istioUs = { inProcess: 15.2, outOfProcess: 292 }

/** One report after the other: what follows each to its adapter follows one at a time. */
const depthOne = { kind: 'closed', depth: 1 } as const

export function istioShapeCommand(context: BenchContext): Command {
  return withCommonOptions(
    new Command('istio-shape').description(
      'one Report to an adapter in and out of process, next to the figures that Istio published of Mixer',
    ),
    { rounds: 5, seconds: 1 },
  ).action(async (flags: CommonFlags) => {
    const result = await runSession('istio-shape', context, bench => istioShape(bench, paceOf(flags)))
    deliver(result, deliveryOf(flags), context.out)
  })
}

export async function istioShape(bench: Bench, pace: Pace): Promise<Findings> {
  const group = { key: 'istio-shape', setting: 'one Report, until its adapter has it' }
  const planned = []
  for (const row of placementRows()) {
    bench.line.say(`starting ${row.name}`)
    const subject = await openSpied(bench, row)
    await warm(subject, pace, depthOne)
    planned.push(plan(group, { key: row.id, name: row.name, shape: depthOne, subject }, referencePlacement))
  }
  const rows = await bench.measure(planned, pace)
  return { rows, figures: [shapeFigure(rows)], notes: notesOf(rows) }
}

async function openSpied({ scratch }: Bench, row: PlacementRow): Promise<Subject> {
  const key = `spy-${row.id}`
  const adapter =
    row.transport === undefined
      ? undefined
      : await startSpy(row.transport === 'unix' ? `unix:${scratch.path(key)}` : '127.0.0.1:0')
  if (adapter !== undefined) scratch.keep(adapter.child)
  const place = { word: row.word, addresses: adapter === undefined ? [] : [adapter.address] }
  const config = writeConfig(scratch.path(`${key}-config`), shapeDocuments(place))
  const host = await startBenchHost(`host of ${row.id}`, { config, form: row.form, cache: 'off' })
  scratch.keep(host.child)
  return {
    load: new InnerLoad(host.child, 'report'),
    host: host.child,
    adapters: adapter === undefined ? [] : [adapter.child],
    generator: undefined,
    perCall: 1,
  }
}

function rowOf(rows: readonly Row[], key: string): Row | undefined {
  return rows.find(({ id }) => id === `istio-shape/${key}`)
}

function shapeFigure(rows: readonly Row[]): Figure {
  const session = rowOf(rows, 'session-unix')
  const ratio =
    session === undefined
      ? ({ kind: 'refused', reason: 'the session was not measured' } as const)
      : ratioOfRows(session, rowOf(rows, referencePlacement), figureOf.meanUs)
  return figureOfRatio(
    {
      id: 'istio-shape',
      title: 'one Report, session ÷ in process, warm',
      better: 'less',
      wanted: 4,
      aim: 2,
      basis: 'mean time from the engine’s report() until the spy’s answer, depth 1, Unix socket',
    },
    ratio,
  )
}

function notesOf(rows: readonly Row[]): string[] {
  const ratio = istioUs.outOfProcess / istioUs.inProcess
  const inProcess = rowOf(rows, referencePlacement)
  const own = inProcess === undefined ? '' : `; here in process ${inProcess.latency.mean.toFixed(1)} µs`
  return [
    `Istio published ${istioUs.inProcess} µs in process and ${istioUs.outOfProcess} µs out of process for one Report, ${ratio.toFixed(1)} times as much, on a machine of its own${own}.`,
    'Time runs from the engine’s report() until the adapter has answered that it has the report: the way back is included.',
    'Load is made inside the host: its cost is part of the host’s CPU.',
  ]
}
