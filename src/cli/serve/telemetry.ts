import {
  HostTelemetry,
  Logger,
  MetricRegistry,
  metricDefinitions,
  offerProcessMetrics,
} from '../../mixer/telemetry/index.js'
import { packageVersion } from '../package-facts.js'
import type { Shell } from '../shell.js'
import type { ServeOptions } from './option-table.js'

/** The telemetry of this process, and how to end it. */
export interface StartedTelemetry {
  readonly telemetry: HostTelemetry
  /** Sends what was not sent yet. Never rejects. */
  stop(): Promise<void>
}

type TelemetryOptions = Pick<ServeOptions, 'logLevel' | 'logFormat' | 'traceSamplingRate' | 'otlpEndpoint'>

/**
 * Metrics and logs at once; OpenTelemetry only when someone asked for it, because loading it takes a third of a second.
 */
export async function startTelemetry(shell: Shell, options: TelemetryOptions): Promise<StartedTelemetry> {
  const metrics = new MetricRegistry(metricDefinitions)
  const format = options.logFormat === 'auto' ? (shell.interactive ? 'text' : 'json') : options.logFormat
  const log = new Logger({
    level: options.logLevel,
    format,
    write: shell.err,
    now: Date.now,
    onSuppressed: event => metrics.counter('outboard_log_lines_suppressed_total', { event }).add(1),
  })
  const telemetry = new HostTelemetry(metrics, log)
  offerProcessMetrics(metrics, processFacts())
  if (!wantsOpenTelemetry(shell.env, options)) return { telemetry, stop: async () => {} }
  const { startOpenTelemetry } = await import('./open-telemetry.js')
  return { telemetry, stop: startOpenTelemetry(telemetry, shell.env, options) }
}

/** The variables by which OpenTelemetry's users say where to; any of them switches it on. */
const variables = [
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT',
  'OTEL_TRACES_EXPORTER',
  'OTEL_METRICS_EXPORTER',
]

function wantsOpenTelemetry(env: Shell['env'], { otlpEndpoint }: TelemetryOptions): boolean {
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return false
  return otlpEndpoint !== undefined || variables.some(name => (env[name] ?? '') !== '')
}

function processFacts() {
  let last = performance.eventLoopUtilization()
  return {
    version: packageVersion(),
    nodeVersion: process.versions.node,
    startedAt: performance.timeOrigin / 1_000,
    cpuSeconds() {
      const { user, system } = process.cpuUsage()
      return (user + system) / 1_000_000
    },
    memory: () => process.memoryUsage(),
    eventLoopUtilization() {
      const now = performance.eventLoopUtilization()
      const { utilization } = performance.eventLoopUtilization(now, last)
      last = now
      return utilization
    },
  }
}
