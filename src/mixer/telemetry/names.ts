/** What a metric is: how it is written to the scrape, what it means, and which labels its series carry. */
export interface MetricDefinition {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  /** One sentence; also in docs/metrics.md. */
  readonly help: string
  readonly labels: readonly string[]
  /** Upper bounds of a histogram's buckets. Default: {@link durationBounds}. */
  readonly bounds?: readonly number[]
}

/** Seconds. Source: reference dispatch, section 12. */
export const durationBounds: readonly number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
]

/** Things per request. Source: reference dispatch, section 12. */
export const countBounds: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 15, 20]

/** Things in one batch. */
export const batchBounds: readonly number[] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]

/** What a complete name begins with. */
const prefixes = ['outboard_', 'mixer_', 'istio_', 'process_', 'nodejs_']

/**
 * The name under which a metric is offered. A room may leave the family's prefix out, and a counter's ending:
 * `door_requests` is `outboard_door_requests_total`.
 */
export function offeredName(name: string, kind: MetricDefinition['kind']): string {
  const full = prefixes.some(prefix => name.startsWith(prefix)) ? name : `outboard_${name}`
  return kind === 'counter' && !full.endsWith('_total') ? `${full}_total` : full
}

/** Every metric that the host offers, by name. docs/metrics.md says the same; a test compares them and the code. */
export const metricDefinitions = {
  outboard_build_info: {
    kind: 'gauge',
    help: 'Always 1; the labels say what runs.',
    labels: ['version', 'node'],
  },
  istio_build: {
    kind: 'gauge',
    help: 'Always 1; the build under the name that Istio gives it.',
    labels: ['component', 'tag'],
  },
  process_start_time_seconds: {
    kind: 'gauge',
    help: 'When the process started, in seconds since the epoch.',
    labels: [],
  },
  process_cpu_seconds_total: {
    kind: 'counter',
    help: 'User and system CPU time of the process.',
    labels: [],
  },
  process_resident_memory_bytes: { kind: 'gauge', help: 'Resident memory of the process.', labels: [] },
  nodejs_heap_size_used_bytes: { kind: 'gauge', help: 'JavaScript heap in use.', labels: [] },
  outboard_event_loop_utilization_ratio: {
    kind: 'gauge',
    help: 'Share of the time since the last scrape that the event loop was busy.',
    labels: [],
  },
  outboard_log_lines_suppressed_total: {
    kind: 'counter',
    help: 'Log lines left out by the rate limit.',
    labels: ['event'],
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>
