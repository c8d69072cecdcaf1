import { openBareSockets } from '../bare/bare-sockets.js'
import { type Bench, type Pace, plan, warm } from '../commands/session.js'
import { hopDocuments } from '../config/reports.js'
import type { Shape } from '../load/generator.js'
import { placementRow, referencePlacement } from '../placements/list.js'
import { openSubject, standardSetup } from '../placements/open.js'
import { figureOf, overRounds } from '../rounds/figures-of-row.js'
import type { Subject } from '../rounds/measure.js'
import type { Figure } from '../rounds/result.js'
import type { Row } from '../rounds/row.js'
import { interval } from '../stats/student.js'
import { heldSession } from './checks.js'
import { figureOfInterval } from './figure.js'

/** One hop to an adapter that allows everything, without engine and door: the session by itself. */
export async function hopFigures(bench: Bench, pace: Pace): Promise<{ rows: Row[]; figures: Figure[] }> {
  const inProcess = await openHop(bench, pace, referencePlacement)
  const session = await openHop(bench, pace, heldSession)
  const bare = await openBareSockets(bench, pace)
  const at = (depth: number): Shape => ({ kind: 'closed', depth })
  const rows: Row[] = []
  for (const depth of [1, 64, 256]) {
    const group = { key: `hop-${depth}`, setting: 'one hop of 250 bytes, without engine' }
    const planned = [
      plan(group, { key: 'in-process', name: 'in process', shape: at(depth), subject: inProcess }),
      plan(
        group,
        { key: 'session', name: 'session, Unix socket', shape: at(depth), subject: session },
        'in-process',
      ),
    ]
    if (depth === 1) {
      const one = { key: 'bare', name: 'bare Unix socket, same bytes', shape: at(depth), subject: bare }
      planned.push(plan(group, one, 'in-process'))
    }
    rows.push(...(await bench.measure(planned, pace)))
  }
  return { rows, figures: figuresOf(rows) }
}

async function openHop({ generator, scratch, line }: Bench, pace: Pace, placement: string): Promise<Subject> {
  line.say(`starting a hop, ${placement}`)
  const { subject } = await openSubject(
    {
      ...standardSetup,
      row: placementRow(placement),
      source: { from: 'inside', driver: 'hop' },
      adapter: 'noop',
      documents: hopDocuments,
    },
    generator,
    scratch,
  )
  await warm(subject, pace)
  return subject
}

function figuresOf(rows: readonly Row[]): Figure[] {
  const row = (id: string) => {
    const found = rows.find(one => one.id === id)
    if (found === undefined) throw new TypeError(`the row ${id} is missing`)
    return found
  }
  const busy = row('hop-64/session')
  const fast = row('hop-256/session')
  const alone = row('hop-1/session')
  const local = row('hop-1/in-process')
  const added = alone.rounds.map((round, i) => round.latency.p50 - (local.rounds[i]?.latency.p50 ?? 0))
  return [
    figureOfInterval(
      {
        id: 'hop-cpu',
        title: 'one hop at depth 64, CPU of both ends',
        better: 'less',
        wanted: 12,
        aim: 6,
        unit: 'µs',
        basis: 'a question of 250 bytes over a session, Unix socket; the loop that asks is part of it',
      },
      overRounds(busy, figureOf.cpuUs),
      busy.invalid,
    ),
    figureOfInterval(
      {
        id: 'hop-throughput',
        title: 'hops to one adapter process',
        better: 'more',
        wanted: 50_000,
        aim: 120_000,
        unit: '/s',
        basis: 'the same, 256 at once',
      },
      overRounds(fast, figureOf.perSecond),
      fast.invalid,
    ),
    figureOfInterval(
      {
        id: 'hop-median',
        title: 'median added by a hop at depth 1, warm',
        better: 'less',
        wanted: 60,
        aim: 35,
        unit: 'µs',
        basis: 'p50 over a session less p50 in process, round by round',
      },
      interval(added),
      alone.invalid ?? local.invalid,
    ),
  ]
}
