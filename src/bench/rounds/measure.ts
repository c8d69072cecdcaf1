import type { Loadable, Shape } from '../load/generator.js'
import { Latencies } from '../load/latencies.js'
import type { RunOutcome } from '../load/run.js'
import type { Measured } from '../process/measured.js'
import { inTurn, together, type Usage } from '../process/usage.js'
import type { Percentiles, Round, Spent } from './row.js'

/** Something that is measured: the load on it, and the processes whose work it is. */
export interface Subject {
  readonly load: Loadable
  /** undefined: nothing is known of it. */
  readonly host: Measured | undefined
  readonly adapters: readonly Measured[]
  /** undefined: the host makes the load itself. */
  readonly generator: Measured | undefined
  /** Operations in one call: attribute sets of a report, say. */
  readonly perCall: number
}

/** What one uninterrupted piece of a round brought. */
export interface Slice {
  readonly outcome: RunOutcome
  readonly host: Usage | undefined
  readonly adapter: Usage | undefined
  readonly generator: Usage | undefined
}

/**
 * One slice: the processes begin to measure, then load comes, all of it is answered, and they end. So what they used is for
 * exactly the calls that were made. `settleMs`: the beginning of an open loop, whose calls have a part in that but not in the
 * latencies.
 */
export async function measureSlice(subject: Subject, shape: Shape, ms: number, settleMs = 0): Promise<Slice> {
  const { host, adapters, generator, load } = subject
  const processes = {
    host: host === undefined ? [] : [host],
    adapters,
    generator: generator === undefined ? [] : [generator],
  }
  await Promise.all(Object.values(processes).flatMap(some => some.map(one => one.begin())))
  const outcome = await load.run(shape, ms, settleMs)
  const [hostUsed, adapterUsed, generatorUsed] = await Promise.all([
    usageOf(processes.host),
    usageOf(processes.adapters),
    usageOf(processes.generator),
  ])
  return { outcome, host: hostUsed, adapter: adapterUsed, generator: generatorUsed }
}

export interface MeasuredRound {
  readonly round: Round
  /** All that its percentiles are made of. */
  readonly latencies: Latencies
  /** Why a slice of it was given up; undefined: none was. */
  readonly givenUp: string | undefined
}

/** A round from its slices. `perCall`: operations in one call. @throws {RangeError} without slices */
export function roundOf(slices: readonly Slice[], perCall: number): MeasuredRound {
  if (slices.length === 0) throw new RangeError('a round has at least one slice')
  const outcomes = slices.map(({ outcome }) => outcome)
  const sum = (of: (outcome: RunOutcome) => number) => outcomes.reduce((total, one) => total + of(one), 0)
  const calls = sum(one => one.calls)
  const errors = sum(one => one.errors)
  const seconds = sum(one => one.seconds)
  const operations = Math.max(1, sum(one => one.made) * perCall)
  const latencies = merged(outcomes.map(one => one.latencies))
  const lateness = outcomes.map(one => one.lateness).filter(late => late !== undefined)
  const usedBy = (who: 'host' | 'adapter' | 'generator') =>
    inTurn(slices.map(slice => slice[who]).filter(usage => usage !== undefined))
  const generatorUsed = usedBy('generator')
  return {
    latencies,
    givenUp: outcomes.find(one => one.givenUp !== undefined)?.givenUp,
    round: {
      calls,
      errors,
      firstError: outcomes.find(one => one.firstError !== undefined)?.firstError,
      seconds,
      perSecond: ((calls - errors) * perCall) / seconds,
      latency: percentilesOf(latencies),
      latenessP99: lateness.length === 0 ? undefined : merged(lateness).percentileUs(99),
      host: spent(usedBy('host'), operations),
      adapter: spent(usedBy('adapter'), operations),
      loadCpuUs: generatorUsed && generatorUsed.cpuUs / operations,
    },
  }
}

function merged(encoded: readonly string[]): Latencies {
  const all = new Latencies()
  for (const one of encoded) all.add(Latencies.decode(one))
  return all
}

/** What several processes used together; undefined: there are none. */
async function usageOf(processes: readonly Measured[]): Promise<Usage | undefined> {
  if (processes.length === 0) return undefined
  return together(await Promise.all(processes.map(one => one.end())))
}

export function percentilesOf(latencies: Latencies): Percentiles {
  return {
    mean: latencies.meanUs(),
    p50: latencies.percentileUs(50),
    p90: latencies.percentileUs(90),
    p99: latencies.percentileUs(99),
    p999: latencies.percentileUs(99.9),
    max: latencies.maxUs(),
  }
}

function spent(usage: Usage | undefined, operations: number): Spent | undefined {
  if (usage === undefined) return undefined
  return {
    cpuUs: usage.cpuUs / operations,
    peakBytes: usage.peakRssBytes,
    gcShare: usage.gcMs && usage.gcMs / usage.wallMs,
    allocatedBytes: usage.allocatedBytes && usage.allocatedBytes / operations,
  }
}
