import { type Bench, type Pace, plan, saturating, warm } from '../commands/session.js'
import { noAdapterDocuments } from '../config/documents.js'
import { startEcho } from '../echo/echo-server.js'
import { placementRow, referencePlacement } from '../placements/list.js'
import { openSubject, standardSetup } from '../placements/open.js'
import { standardWorkload } from '../requests/workload.js'
import { figureOf, overRounds, ratioOfRows } from '../rounds/figures-of-row.js'
import type { Planned } from '../rounds/interleave.js'
import type { Subject } from '../rounds/measure.js'
import type { Figure } from '../rounds/result.js'
import type { Row } from '../rounds/row.js'
import { figureOfRatio } from './figure.js'

/** The session whose figures are held against the limits. */
export const heldSession = 'session-unix'

const saturated = { key: 'saturated', setting: 'standard Check, cache off' }

/**
 * The standard Check in process, over a session, without adapter, and an echo of its bytes; saturated, and at half of what the
 * host in process can take.
 */
export async function checkFigures(bench: Bench, pace: Pace): Promise<{ rows: Row[]; figures: Figure[] }> {
  const inProcess = await opened(bench, pace, referencePlacement)
  const session = await opened(bench, pace, heldSession)
  bench.line.say('starting a host without adapter, and the echo')
  const { subject: noAdapter } = await openSubject(
    { ...standardSetup, row: placementRow(referencePlacement), documents: () => noAdapterDocuments },
    bench.generator,
    bench.scratch,
  )
  await warm(noAdapter, pace)
  const echo = await openEcho(bench, pace)
  const one = (key: string, name: string, subject: Subject): Planned =>
    plan(saturated, { key, name, shape: saturating, subject }, 'in-process')
  const rows = await bench.measure(
    [
      one('in-process', 'in process', inProcess),
      one('session', 'session, Unix socket', session),
      one('no-adapter', 'no adapter', noAdapter),
      one('echo', 'echo, bare grpc-js', echo),
    ],
    pace,
  )
  const [inProcessRow] = rows
  // At least one a second, so that there is something to measure however slow the machine is.
  const saturation = inProcessRow === undefined ? 0 : overRounds(inProcessRow, figureOf.perSecond).mean
  const rate = Math.max(1, Math.floor(saturation / 2))
  const half = { key: 'half', setting: 'standard Check, cache off, half of saturation' }
  const shape = { kind: 'open', perSecond: rate } as const
  const halfRows = await bench.measure(
    [
      plan(half, { key: 'in-process', name: 'in process', shape, subject: inProcess }),
      plan(half, { key: 'session', name: 'session, Unix socket', shape, subject: session }, 'in-process'),
    ],
    pace,
  )
  return { rows: [...rows, ...halfRows], figures: [...saturatedFigures(rows), halfFigure(halfRows)] }
}

async function opened({ generator, scratch, line }: Bench, pace: Pace, id: string): Promise<Subject> {
  line.say(`starting ${id}`)
  const { subject } = await openSubject({ ...standardSetup, row: placementRow(id) }, generator, scratch)
  await warm(subject, pace)
  return subject
}

async function openEcho({ generator, scratch }: Bench, pace: Pace): Promise<Subject> {
  const { child, address } = await startEcho()
  scratch.keep(child)
  const load = await generator.target({ address, api: 'echo', workload: standardWorkload })
  const subject: Subject = { load, host: child, adapters: [], generator: generator.child, perCall: 1 }
  await warm(subject, pace)
  return subject
}

function saturatedFigures(rows: readonly Row[]): Figure[] {
  const [inProcess, session, noAdapter, echo] = rows
  if (inProcess === undefined || session === undefined || noAdapter === undefined || echo === undefined)
    throw new TypeError('rows are missing')
  return [
    figureOfRatio(
      {
        id: 'session-throughput',
        title: 'throughput, session ÷ in process',
        better: 'more',
        wanted: 0.9,
        aim: 1,
        basis: 'Mixer door, 64 at once, cache off, Unix socket',
      },
      ratioOfRows(session, inProcess, figureOf.perSecond),
    ),
    figureOfRatio(
      {
        id: 'no-adapter-cpu',
        title: 'CPU per Check without adapter ÷ echo',
        better: 'less',
        wanted: 1.3,
        aim: 0.9,
        basis: 'host ÷ a bare grpc-js server that echoes the same bytes',
      },
      ratioOfRows(noAdapter, echo, figureOf.cpuUs),
    ),
    figureOfRatio(
      {
        id: 'session-cpu',
        title: 'CPU per Check, session, both ends ÷ echo',
        better: 'less',
        wanted: 1.6,
        aim: 1.2,
        basis: 'both processes ÷ the same echo, 64 at once, cache off, Unix socket',
      },
      ratioOfRows(session, echo, figureOf.cpuUs),
    ),
  ]
}

function halfFigure([inProcess, session]: readonly Row[]): Figure {
  if (inProcess === undefined || session === undefined) throw new TypeError('rows are missing')
  return figureOfRatio(
    {
      id: 'session-p99',
      title: 'p99 at half load, session ÷ in process',
      better: 'less',
      wanted: 1.25,
      aim: 1.1,
      basis: 'both at half of the throughput measured in process; from the intended time on',
    },
    ratioOfRows(session, inProcess, figureOf.p99),
  )
}
