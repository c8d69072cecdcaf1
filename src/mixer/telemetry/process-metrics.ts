import type { MetricRegistry } from './metrics.js'

/** What the process says of itself, read at each scrape. */
export interface ProcessFacts {
  readonly version: string
  readonly nodeVersion: string
  /** Seconds since the epoch. */
  readonly startedAt: number
  cpuSeconds(): number
  memory(): { readonly rss: number; readonly heapUsed: number }
  /** The share of time since the last call that the event loop was busy, 0 to 1. */
  eventLoopUtilization(): number
}

/** Offers the process's own metrics, under the names that Prometheus clients give them. */
export function offerProcessMetrics(metrics: MetricRegistry, facts: ProcessFacts): void {
  const { version } = facts
  metrics.gauge('outboard_build_info', { version, node: facts.nodeVersion }, () => 1)
  metrics.gauge('istio_build', { component: 'mixer', tag: version }, () => 1)
  metrics.gauge('process_start_time_seconds', {}, () => facts.startedAt)
  metrics.gauge('process_cpu_seconds_total', {}, () => facts.cpuSeconds())
  metrics.gauge('process_resident_memory_bytes', {}, () => facts.memory().rss)
  metrics.gauge('nodejs_heap_size_used_bytes', {}, () => facts.memory().heapUsed)
  metrics.gauge('outboard_event_loop_utilization_ratio', {}, () => facts.eventLoopUtilization())
}
