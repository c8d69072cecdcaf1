import type { Loadable, Shape } from '../load/generator.js'
import { Latencies } from '../load/latencies.js'
import type { Child } from '../process/child.js'
import { together, type Usage } from '../process/usage.js'
import type { Percentiles, Round, Spent } from './row.js'

/** Something that is measured: the load on it, and the processes whose work it is. */
export interface Subject {
  readonly load: Loadable
  readonly host: Child
  readonly adapters: readonly Child[]
  /** undefined: the host makes the load itself. */
  readonly generator: Child | undefined
  /** Operations in one call: attribute sets of a report, say. */
  readonly perCall: number
}

/**
 * One round: the processes begin to measure, then load comes, all of it is answered, and they end. So what they used is for
 * exactly the calls that were made.
 */
export async function measureRound(
  subject: Subject,
  shape: Shape,
  ms: number,
): Promise<{ readonly round: Round; readonly latencies: Latencies }> {
  const { host, adapters, generator, load, perCall } = subject
  const others = [...adapters, ...(generator === undefined ? [] : [generator])]
  await Promise.all([host, ...others].map(child => child.begin()))
  const outcome = await load.run(shape, ms)
  const [hostUsage, ...otherUsages] = await Promise.all([host, ...others].map(child => child.end()))
  if (hostUsage === undefined) throw new TypeError('the host told nothing')
  const operations = Math.max(1, outcome.calls * perCall)
  const adapterUsages = otherUsages.slice(0, adapters.length)
  const generatorUsage = otherUsages[adapters.length]
  const latencies = Latencies.decode(outcome.latencies)
  const lateness = outcome.lateness === undefined ? undefined : Latencies.decode(outcome.lateness)
  return {
    latencies,
    round: {
      calls: outcome.calls,
      errors: outcome.errors,
      firstError: outcome.firstError,
      seconds: outcome.seconds,
      perSecond: ((outcome.inTime - Math.min(outcome.inTime, outcome.errors)) * perCall) / outcome.seconds,
      latency: percentilesOf(latencies),
      latenessP99: lateness?.percentileUs(99),
      host: spent(hostUsage, operations),
      adapter: adapterUsages.length === 0 ? undefined : spent(together(adapterUsages), operations),
      loadCpuUs: generatorUsage === undefined ? undefined : generatorUsage.cpuUs / operations,
    },
  }
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

function spent(usage: Usage, operations: number): Spent {
  return {
    cpuUs: usage.cpuUs / operations,
    peakBytes: usage.peakRssBytes,
    gcShare: usage.gcMs / usage.wallMs,
    allocatedBytes: usage.allocatedBytes / operations,
  }
}
