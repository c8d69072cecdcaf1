import { type Ratio, ratioOf } from '../stats/ratio.js'
import { type Interval, interval, mean } from '../stats/student.js'
import type { Round, Row } from './row.js'

/** A figure of a round. */
export type Of = (round: Round) => number

/** The figures that rows are compared by. */
export const figureOf = {
  perSecond: round => round.perSecond,
  meanUs: round => round.latency.mean,
  p50: round => round.latency.p50,
  p90: round => round.latency.p90,
  p99: round => round.latency.p99,
  p999: round => round.latency.p999,
  hostCpuUs: round => round.host?.cpuUs ?? 0,
  adapterCpuUs: round => round.adapter?.cpuUs ?? 0,
  cpuUs: round => (round.host?.cpuUs ?? 0) + (round.adapter?.cpuUs ?? 0),
  loadCpuUs: round => round.loadCpuUs ?? 0,
  hostAllocated: round => round.host?.allocatedBytes ?? 0,
} satisfies Record<string, Of>

/** The mean of a figure over the rounds, with its interval. */
export function overRounds(row: Row, of: Of): Interval {
  return interval(row.rounds.map(of))
}

/** The mean of what only processes of ours tell; undefined: they do not. */
export function meanIfKnown(row: Row, of: (round: Round) => number | undefined): number | undefined {
  const known = row.rounds.map(of).filter(value => value !== undefined)
  return known.length === 0 ? undefined : mean(known)
}

/** The largest of a figure over the rounds. */
export function largest(row: Row, of: (round: Round) => number | undefined): number {
  return Math.max(...row.rounds.map(round => of(round) ?? 0))
}

/** Whether the load was made by a process of its own, whose CPU is known. */
export function hasOwnLoad(row: Row): boolean {
  return row.rounds.some(({ loadCpuUs }) => loadCpuUs !== undefined)
}

/**
 * A figure of a row over that of another, round by round; for p99 and beyond, of all their rounds together. Refused when
 * either row does not hold.
 */
export function ratioOfRows(row: Row, reference: Row | undefined, of: Of, referenceOf: Of = of): Ratio {
  if (reference === undefined) return { kind: 'refused', reason: 'there is no row to compare with' }
  const bad = [row, reference].find(({ invalid }) => invalid !== undefined)
  if (bad !== undefined) return { kind: 'refused', reason: `${bad.name}: ${bad.invalid}` }
  const tail = of === figureOf.p99 ? row.tails?.p99 : of === figureOf.p999 ? row.tails?.p999 : undefined
  if (tail !== undefined && row.reference === reference.id) return tail
  return ratioOf(row.rounds.map(of), reference.rounds.map(referenceOf))
}
