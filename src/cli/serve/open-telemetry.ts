import { metrics, trace } from '@opentelemetry/api'
import { NodeSDK, tracing } from '@opentelemetry/sdk-node'
import type { HostTelemetry } from '../../mixer/telemetry/index.js'
import { otelMetrics, otelSpans } from '../../mixer/telemetry/opentelemetry.js'
import { packageVersion } from '../package-facts.js'
import type { Shell } from '../shell.js'
import type { ServeOptions } from './option-table.js'

/** Longest that the end of the process waits for what was not sent yet. */
const stopTimeoutMs = 5_000

/**
 * Sets OpenTelemetry's SDK up by its own variables (`OTEL_*`) and the flags, and connects the host's telemetry to it.
 * Answers how to end it.
 */
export function startOpenTelemetry(
  telemetry: HostTelemetry,
  env: Shell['env'],
  options: Pick<ServeOptions, 'traceSamplingRate' | 'otlpEndpoint'>,
): () => Promise<void> {
  // The SDK takes the endpoint of its default exporters from here and from nowhere else.
  if (options.otlpEndpoint !== undefined) process.env.OTEL_EXPORTER_OTLP_ENDPOINT = options.otlpEndpoint
  const samplerByVariable = (env.OTEL_TRACES_SAMPLER ?? '') !== ''
  const sampler = new tracing.ParentBasedSampler({
    root: new tracing.TraceIdRatioBasedSampler(options.traceSamplingRate),
  })
  const sdk = new NodeSDK({
    serviceName: env.OTEL_SERVICE_NAME ?? 'outboard',
    logRecordProcessors: [],
    textMapPropagator: null,
    ...(samplerByVariable ? {} : { sampler }),
  })
  sdk.start()
  telemetry.metrics.listen(otelMetrics(metrics.getMeter('outboard', packageVersion())))
  telemetry.traceWith(
    otelSpans({
      tracer: trace.getTracer('outboard', packageVersion()),
      rootsPossible: samplerByVariable || options.traceSamplingRate > 0,
    }),
  )
  telemetry.log.info('opentelemetry_started', { endpoint: process.env.OTEL_EXPORTER_OTLP_ENDPOINT })
  return async () => {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>(resolve => {
      timer = setTimeout(resolve, stopTimeoutMs)
    })
    await Promise.race([sdk.shutdown().catch(() => {}), late])
    clearTimeout(timer)
  }
}
