import { Command } from 'commander'
import { heldSession } from '../figures/checks.js'
import { figureOfRatio } from '../figures/figure.js'
import { openSpied } from '../host/spied.js'
import { placementRows, referencePlacement } from '../placements/list.js'
import { startTogether } from '../process/start-together.js'
import { short } from '../report/numbers.js'
import { figureOf, ratioOfRows } from '../rounds/figures-of-row.js'
import type { Planned } from '../rounds/interleave.js'
import type { Figure } from '../rounds/result.js'
import type { Row } from '../rounds/row.js'
import type { Ratio } from '../stats/ratio.js'
import type { BenchContext } from './context.js'
import { type CommonFlags, withCommonOptions } from './options.js'
import { measureAndDeliver } from './run.js'
import { type Bench, type Findings, type Pace, paceOf, plan, warm } from './session.js'

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
    await measureAndDeliver({ kind: 'istio-shape', options: {} }, flags, context, bench =>
      istioShape(bench, paceOf(flags), everyWay),
    )
  })
}

/** One way to follow a report: where it begins, and where it is said to have arrived. */
interface Way {
  readonly key: string
  readonly setting: string
  readonly of: 'engine' | 'adapter' | 'door'
}

/** What Istio measured. */
const bareWay: Way = {
  key: 'istio-shape',
  setting: 'one Report, from the engine until its adapter has answered',
  of: 'engine',
}

/** The same with what a proxy has to do with it, whatever placement the adapter has. */
const adapterWay: Way = {
  key: 'istio-shape-adapter',
  setting: 'one Report, from a client by the Mixer door until its adapter has answered',
  of: 'adapter',
}

/** All that a proxy waits for. */
const doorWay: Way = {
  key: 'istio-shape-door',
  setting: 'one Report, from a client until the Mixer door has answered',
  of: 'door',
}

/** Ways whose ratios are held against limits. */
const heldWays: readonly Way[] = [bareWay, adapterWay]
const everyWay: readonly Way[] = [...heldWays, doorWay]

export async function istioShape(
  bench: Bench,
  pace: Pace,
  ways: readonly Way[] = heldWays,
): Promise<Findings> {
  const started = await startTogether(placementRows(), row => {
    bench.line.say(`starting ${row.name}`)
    return openSpied(row, bench.generator, bench.scratch)
  })
  const planned: Planned[] = []
  for (const spied of started)
    for (const { key, setting, of } of ways) {
      await warm(spied[of], pace, depthOne)
      const { id, name } = spied.row
      const one = { key: id, name, shape: depthOne, subject: spied[of] }
      planned.push(plan({ key, setting }, one, referencePlacement))
    }
  const rows = await bench.measure(planned, pace)
  return { rows, figures: shapeFigures(rows), notes: [...notesOf(rows), ...clientNotes(rows)] }
}

function rowOf(rows: readonly Row[], { key }: Way, placement: string): Row | undefined {
  return rows.find(({ id }) => id === `${key}/${placement}`)
}

function shapeFigures(rows: readonly Row[]): Figure[] {
  return [
    figureOfRatio(
      {
        id: 'istio-shape',
        title: 'one Report, session ÷ in process, warm',
        better: 'less',
        wanted: 4,
        aim: 2,
        basis: 'mean time from the engine’s report() until the spy’s answer, depth 1, Unix socket',
      },
      sessionRatio(rows, bareWay),
    ),
    figureOfRatio(
      {
        id: 'istio-shape-client',
        title: 'the same, from a client by the door',
        better: 'less',
        wanted: 4,
        aim: 2,
        basis:
          'mean time from a client’s request until the spy’s answer, by the Mixer door, depth 1, Unix socket',
      },
      sessionRatio(rows, adapterWay),
    ),
  ]
}

function sessionRatio(rows: readonly Row[], way: Way): Ratio {
  const session = rowOf(rows, way, heldSession)
  if (session === undefined) return { kind: 'refused', reason: 'the session was not measured' }
  return ratioOfRows(session, rowOf(rows, way, referencePlacement), figureOf.meanUs)
}

function notesOf(rows: readonly Row[]): string[] {
  const ratio = istioUs.outOfProcess / istioUs.inProcess
  const inProcess = rowOf(rows, bareWay, referencePlacement)
  const own = inProcess === undefined ? '' : `; here in process ${inProcess.latency.mean.toFixed(1)} µs`
  return [
    `Istio published ${istioUs.inProcess} µs in process and ${istioUs.outOfProcess} µs out of process for one Report, ${ratio.toFixed(1)} times as much, on a machine of its own${own}.`,
    'From the engine: time runs from its report() until the adapter has answered that it has the report; the way back is included. The load is made inside the host: its cost is part of the host’s CPU.',
  ]
}

/** How the two moments differ that a client may wait for. */
function clientNotes(rows: readonly Row[]): string[] {
  if (rowOf(rows, doorWay, heldSession) === undefined) return []
  return [
    'From a client: a process of its own with one connection over TCP sends one report after the other.',
    `Until its adapter has answered: the door of this benchmark keeps its answer back for so long, so that one clock sees both ends. ${compared(rows, adapterWay)}`,
    `Until the door has answered: that is when the report is in its queue, and all that a proxy waits for; the adapter has it a little later. ${compared(rows, doorWay)}`,
  ]
}

function compared(rows: readonly Row[], way: Way): string {
  const [local, session] = [referencePlacement, heldSession].map(placement => rowOf(rows, way, placement))
  if (local === undefined || session === undefined) return ''
  const ratio = sessionRatio(rows, way)
  const times =
    ratio.kind === 'ratio' ? `${ratio.value.toFixed(2)} times as much` : `no ratio: ${ratio.reason}`
  return `Mean: ${short(local.latency.mean)} µs in process, ${short(session.latency.mean)} µs by a session (${times}).`
}
