import type { Shape } from '../load/generator.js'
import { Latencies } from '../load/latencies.js'
import {
  type MeasuredRound,
  measureSlice,
  percentilesOf,
  roundOf,
  type Slice,
  type Subject,
} from './measure.js'
import { type Cold, type CurvePoint, groupOf, type Round, type Row } from './row.js'
import { tailsOf } from './tails.js'

/** A row that is to be measured. */
export interface Planned {
  readonly id: string
  readonly name: string
  readonly setting: string
  readonly shape: Shape
  readonly reference: string | undefined
  readonly subject: Subject
  readonly cold: Cold | undefined
}

export interface Timing {
  readonly rounds: number
  /** Length of one round, milliseconds. */
  readonly ms: number
}

/** Hears of each round. `done` and `total` count rounds of all rows. */
export type OnRound = (progress: {
  readonly done: number
  readonly total: number
  readonly planned: Planned
  readonly round: Round
}) => void

/** Longest time that one subject is measured without a break, milliseconds. */
const sliceMs = 250
/** Share of a slice's length that runs before it, unmeasured: going to and fro between subjects leaves caches cold. */
const settleShare = 0.15

/**
 * Measures rows, group by group. Within a group all rows get their first round, then all their second, and so on; and a round
 * is taken in slices, each row's in turn, forth and back. What disturbs the machine for half a second or longer disturbs every
 * row alike.
 */
export async function measureRows(
  planned: readonly Planned[],
  { rounds, ms }: Timing,
  onRound: OnRound,
): Promise<Row[]> {
  const rows = new Map<Planned, Row>()
  let done = 0
  for (const group of new Set(planned.map(groupOf))) {
    const members = planned.filter(other => groupOf(other) === group)
    const measuredOf = new Map(members.map(one => [one, [] as MeasuredRound[]]))
    for (let number = 0; number < rounds; number++)
      for (const [one, slices] of await measureSlices(members, ms)) {
        const measured = roundOf(slices, one.subject.perCall)
        measuredOf.get(one)?.push(measured)
        onRound({ done: ++done, total: planned.length * rounds, planned: one, round: measured.round })
      }
    for (const [one, measured] of measuredOf) {
      const reference = members.find(({ id }) => id === one.reference)
      rows.set(one, rowOf(one, measured, reference && measuredOf.get(reference)))
    }
  }
  return planned.flatMap(one => rows.get(one) ?? [])
}

/** One round of every row of a group. */
async function measureSlices(members: readonly Planned[], ms: number): Promise<Map<Planned, Slice[]>> {
  const slicesOf = new Map(members.map(one => [one, [] as Slice[]]))
  const count = Math.max(1, Math.round(ms / sliceMs))
  const length = ms / count
  for (let number = 0; number < count; number++)
    for (const one of number % 2 === 0 ? members : members.toReversed()) {
      await one.subject.load.run(one.shape, Math.ceil(length * settleShare))
      slicesOf.get(one)?.push(await measureSlice(one.subject, one.shape, length))
    }
  return slicesOf
}

function rowOf(
  planned: Planned,
  measured: readonly MeasuredRound[],
  referenceMeasured: readonly MeasuredRound[] | undefined,
): Row {
  const { id, name, setting, shape, reference, cold } = planned
  const rounds = measured.map(({ round }) => round)
  const each = measured.map(({ latencies }) => latencies)
  const latencies = new Latencies()
  for (const one of each) latencies.add(one)
  const errors = rounds.reduce((sum, round) => sum + round.errors, 0)
  const calls = rounds.reduce((sum, round) => sum + round.calls, 0)
  const firstError = rounds.find(round => round.firstError !== undefined)?.firstError
  const invalid =
    calls === 0
      ? 'no call ended'
      : errors > 0
        ? `${errors} of ${calls} calls went wrong: ${firstError}`
        : undefined
  return {
    id,
    name,
    setting,
    shape,
    reference,
    tails:
      referenceMeasured &&
      tailsOf(
        each,
        referenceMeasured.map(one => one.latencies),
      ),
    rounds,
    curve: curveOf(latencies),
    latency: percentilesOf(latencies),
    cold,
    invalid,
  }
}

/** Percentiles of the curve: ever finer towards the slowest call. */
const percentiles = [
  0, 10, 20, 30, 40, 50, 60, 70, 75, 80, 85, 90, 92.5, 95, 96.5, 97.5, 98.5, 99, 99.25, 99.5, 99.75, 99.9,
  99.95, 99.975, 99.99, 99.995, 99.999, 100,
]

function curveOf(latencies: Latencies): CurvePoint[] {
  // What is finer than one call in all is the slowest call again.
  const finest = 100 * (1 - 1 / Math.max(1, latencies.count))
  return percentiles
    .filter(percentile => percentile <= finest || percentile === 100)
    .map(percentile => [percentile, latencies.percentileUs(percentile)])
}
