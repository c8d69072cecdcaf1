import type { Loadable, Shape } from '../load/generator.js'
import { Latencies } from '../load/latencies.js'
import type { Measured } from '../process/measured.js'
import { together, type Usage } from '../process/usage.js'
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
  const processes = {
    host: host === undefined ? [] : [host],
    adapters,
    generator: generator === undefined ? [] : [generator],
  }
  await Promise.all(Object.values(processes).flatMap(some => some.map(one => one.begin())))
  const outcome = await load.run(shape, ms)
  const [hostUsed, adaptersUsed, generatorUsed] = await Promise.all([
    usageOf(processes.host),
    usageOf(processes.adapters),
    usageOf(processes.generator),
  ])
  const operations = Math.max(1, outcome.calls * perCall)
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
      host: hostUsed && spent(hostUsed, operations),
      adapter: adaptersUsed && spent(adaptersUsed, operations),
      loadCpuUs: generatorUsed && generatorUsed.cpuUs / operations,
    },
  }
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

function spent(usage: Usage, operations: number): Spent {
  return {
    cpuUs: usage.cpuUs / operations,
    peakBytes: usage.peakRssBytes,
    gcShare: usage.gcMs / usage.wallMs,
    allocatedBytes: usage.allocatedBytes / operations,
  }
}
