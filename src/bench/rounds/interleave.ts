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
import { isDue, settleOf, slicesIn } from './slices.js'
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

/** A row while it is measured. */
interface Course {
  readonly planned: Planned
  readonly measured: MeasuredRound[]
  /** What its calls took last, in the middle, milliseconds. */
  p50Ms: number
  /** Why it is not measured any more; undefined: it is. */
  givenUp: string | undefined
}

/**
 * Measures rows, group by group. Within a group all rows get their first round, then all their second, and so on. A round of a
 * closed loop is taken in slices, each row's in turn, forth and back: what disturbs the machine for half a second or longer
 * disturbs every row alike. A schedule is never cut: what a stall delays would be lost behind the cut.
 */
export async function measureRows(
  planned: readonly Planned[],
  { rounds, ms }: Timing,
  onRound: OnRound,
): Promise<Row[]> {
  const rows = new Map<Planned, Row>()
  let done = 0
  for (const group of new Set(planned.map(groupOf))) {
    const courses = planned
      .filter(other => groupOf(other) === group)
      .map((one): Course => ({ planned: one, measured: [], p50Ms: 0, givenUp: undefined }))
    for (const course of courses) await lookAt(course, ms)
    for (let number = 0; number < rounds; number++) {
      const inTurn = number % 2 === 0 ? courses : courses.toReversed()
      for (const [course, slices] of await measureRound(inTurn, ms)) {
        const measured = roundOf(slices, course.planned.subject.perCall)
        course.measured.push(measured)
        course.p50Ms = measured.round.latency.p50 / 1_000
        course.givenUp = measured.givenUp
        done++
        onRound({ done, total: planned.length * rounds, planned: course.planned, round: measured.round })
      }
    }
    for (const { planned: one, measured } of courses) {
      const reference = courses.find(course => course.planned.id === one.reference)
      rows.set(one, rowOf(one, measured, reference?.measured))
    }
  }
  return planned.flatMap(one => rows.get(one) ?? [])
}

/** What its calls take under this load decides how long its slices are. */
async function lookAt(course: Course, ms: number): Promise<void> {
  const { shape, subject } = course.planned
  if (shape.kind === 'open' || slicesIn(ms, 0) === 1) return
  const outcome = await subject.load.run(shape, settleOf(ms))
  course.p50Ms = Latencies.decode(outcome.latencies).percentileUs(50) / 1_000
}

/** One round of every row of a group that has not been given up. */
async function measureRound(courses: readonly Course[], ms: number): Promise<Map<Course, Slice[]>> {
  const slicesOf = new Map<Course, Slice[]>()
  const countOf = new Map(courses.map(one => [one, countFor(one, ms)]))
  const turns = Math.max(...countOf.values())
  for (let turn = 0; turn < turns; turn++)
    for (const course of turn % 2 === 0 ? courses : courses.toReversed()) {
      const count = countOf.get(course) ?? 1
      if (course.givenUp !== undefined || !isDue(turn, turns, count)) continue
      const slice = await settledSlice(course.planned, ms / count)
      slicesOf.set(course, [...(slicesOf.get(course) ?? []), slice])
      course.givenUp = slice.outcome.givenUp
    }
  return slicesOf
}

function countFor({ planned, p50Ms }: Course, ms: number): number {
  return planned.shape.kind === 'open' ? 1 : slicesIn(ms, p50Ms)
}

async function settledSlice({ subject, shape }: Planned, ms: number): Promise<Slice> {
  const settleMs = settleOf(ms)
  if (shape.kind === 'open') return measureSlice(subject, shape, ms, settleMs)
  const settled = await subject.load.run(shape, settleMs)
  // A server that does not answer is not asked once more.
  return settled.givenUp === undefined
    ? measureSlice(subject, shape, ms)
    : { outcome: settled, host: undefined, adapter: undefined, generator: undefined }
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
  const givenUp = measured.find(one => one.givenUp !== undefined)?.givenUp
  const wrong = errors > 0 ? `${errors} of ${calls} calls went wrong: ${firstError}` : undefined
  const invalid = givenUp ?? wrong ?? (calls === 0 ? 'no call ended' : undefined)
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
    note: invalid === undefined ? rateNote(shape, rounds) : undefined,
  }
}

/** Share of a rate that must be reached. */
const leastOfRate = 0.98
/** Fewer calls than that in a round are no sign of anything: the last of them was a little slower than the first. */
const leastShort = 3

/** Said of a schedule that the server could not keep up with. */
function rateNote(shape: Shape, rounds: readonly Round[]): string | undefined {
  if (shape.kind === 'closed') return undefined
  const calls = rounds.reduce((sum, round) => sum + round.calls, 0)
  const seconds = rounds.reduce((sum, round) => sum + round.seconds, 0)
  const reached = calls / seconds
  const short = (shape.perSecond - reached) * seconds
  return reached >= shape.perSecond * leastOfRate || short < leastShort * rounds.length
    ? undefined
    : `the rate was not reached: ${Math.round(reached)} of ${shape.perSecond} calls a second`
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
