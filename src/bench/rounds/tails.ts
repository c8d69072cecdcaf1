import { Latencies } from '../load/latencies.js'
import { maxTailReach, type Ratio } from '../stats/ratio.js'
import { interval } from '../stats/student.js'
import type { Tails } from './row.js'

/** The tails of a row over those of another, from the latencies of their rounds; rounds of one number were measured in turn. */
export function tailsOf(rounds: readonly Latencies[], references: readonly Latencies[]): Tails {
  const parts = leavingOneOut(rounds)
  const referenceParts = leavingOneOut(references)
  const ratio = (percentile: number) => pooledRatio(parts, referenceParts, percentile)
  return { p99: ratio(99), p999: ratio(99.9) }
}

/** All rounds together, and all but one, for each. */
interface Pooled {
  readonly all: Latencies
  readonly butOne: readonly Latencies[]
}

function leavingOneOut(rounds: readonly Latencies[]): Pooled {
  return { all: together(rounds), butOne: rounds.map((_, left) => together(rounds.toSpliced(left, 1))) }
}

function together(rounds: readonly Latencies[]): Latencies {
  const all = new Latencies()
  for (const one of rounds) all.add(one)
  return all
}

/**
 * The ratio of a percentile of all calls of a row to that of another. Few events decide the tail of one round, so that rounds
 * taken alone differ many times over where all together tell something. The interval is the jackknife's: how much the ratio
 * of logarithms moves when one round is left out of both, and Student's t over the pseudo-values. The ratio the other way round
 * is exactly its inverse. Refused when the interval reaches further than the limit, or there is nothing to divide.
 */
function pooledRatio(row: Pooled, reference: Pooled, percentile: number): Ratio {
  const count = Math.min(row.butOne.length, reference.butOne.length)
  if (count < 2) return { kind: 'refused', reason: 'one round alone says nothing about noise' }
  const logarithm = (one: Latencies | undefined, other: Latencies | undefined) =>
    Math.log((one?.percentileUs(percentile) ?? 0) / (other?.percentileUs(percentile) ?? 0))
  const whole = logarithm(row.all, reference.all)
  const pseudo = Array.from(
    { length: count },
    (_, i) => count * whole - (count - 1) * logarithm(row.butOne[i], reference.butOne[i]),
  )
  if (!pseudo.every(Number.isFinite)) return { kind: 'refused', reason: 'a round has nothing to divide' }
  const { low, high } = interval(pseudo)
  const half = (high - low) / 2
  const reach = Math.exp(half) - 1
  if (reach > maxTailReach)
    return {
      kind: 'refused',
      variation: reach,
      reason: `its interval reaches ${Math.round(reach * 100)} % further (limit ${maxTailReach * 100} %)`,
    }
  return { kind: 'ratio', value: Math.exp(whole), low: Math.exp(whole - half), high: Math.exp(whole + half) }
}
