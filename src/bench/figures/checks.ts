import { type Bench, type Pace, plan, saturating, warm } from '../commands/session.js'
import { noAdapterDocuments } from '../config/documents.js'
import { placementRow, referencePlacement } from '../placements/list.js'
import { openSubject, standardSetup } from '../placements/open.js'
import { figureOf, overRounds, ratioOfRows } from '../rounds/figures-of-row.js'
import type { Planned } from '../rounds/interleave.js'
import type { Subject } from '../rounds/measure.js'
import type { Figure } from '../rounds/result.js'
import type { Row } from '../rounds/row.js'
import { openEcho } from './echo.js'
import { figureOfRatio } from './figure.js'
import { halfLoad } from './half-load.js'

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
  const saturation = inProcessRow === undefined ? 0 : overRounds(inProcessRow, figureOf.perSecond).mean
  const half = await halfLoad(bench, pace, saturation, { inProcess, session })
  return { rows: [...rows, ...half.rows], figures: [...saturatedFigures(rows), ...half.figures] }
}

async function opened({ generator, scratch, line }: Bench, pace: Pace, id: string): Promise<Subject> {
  line.say(`starting ${id}`)
  const { subject } = await openSubject({ ...standardSetup, row: placementRow(id) }, generator, scratch)
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
