import { type Bench, type Pace, plan } from '../commands/session.js'
import { figureOf, ratioOfRows } from '../rounds/figures-of-row.js'
import type { Timing } from '../rounds/interleave.js'
import type { Subject } from '../rounds/measure.js'
import type { Figure } from '../rounds/result.js'
import type { Row } from '../rounds/row.js'
import { figureOfRatio } from './figure.js'

/**
 * Calls in one round of a row. What the slowest calls wait for is mostly a full collection of V8's heap, one in about twenty
 * thousand calls, behind which about a fiftieth of these have waited: a round holds one or two. More would put more time
 * between the rounds of the two rows, in which the machine changes its speed.
 */
const callsPerRound = 30_000
/** Rounds for each that other rows get: the more, the surer is the interval. */
const timesRounds = 8
/** How much longer than other rounds these may become, however slow the machine is. */
const mostTimesLonger = 10

/** Rounds long enough for a tail. */
export function tailTiming({ rounds, ms }: Timing, perSecond: number): Timing {
  const wantedMs = (callsPerRound / perSecond) * 1_000
  return { rounds: timesRounds * rounds, ms: Math.min(Math.max(wantedMs, ms), ms * mostTimesLonger) }
}

/** Both at half of what the host in process gets through. */
export async function halfLoad(
  bench: Bench,
  pace: Pace,
  saturation: number,
  subjects: { readonly inProcess: Subject; readonly session: Subject },
): Promise<{ rows: Row[]; figures: Figure[] }> {
  // At least one a second, so that there is something to measure however slow the machine is.
  const perSecond = Math.max(1, Math.floor(saturation / 2))
  const shape = { kind: 'open', perSecond } as const
  const group = { key: 'half', setting: 'standard Check, cache off, half of saturation' }
  const inProcess = { key: 'in-process', name: 'in process', shape, subject: subjects.inProcess }
  const session = { key: 'session', name: 'session, Unix socket', shape, subject: subjects.session }
  const planned = [plan(group, inProcess), plan(group, session, 'in-process')]
  const rows = await bench.measure(planned, tailTiming(pace, perSecond))
  return { rows, figures: [figure(rows)] }
}

function figure([inProcess, session]: readonly Row[]): Figure {
  if (inProcess === undefined || session === undefined) throw new TypeError('rows are missing')
  return figureOfRatio(
    {
      id: 'session-p99',
      title: 'p99 at half load, session ÷ in process',
      better: 'less',
      wanted: 1.25,
      aim: 1.1,
      basis:
        'both at half of the throughput measured in process; from the intended time on; all rounds together',
    },
    ratioOfRows(session, inProcess, figureOf.p99),
  )
}
