export type { MetricDefinition } from './definition.js'
export { HostTelemetry, type SpanSource } from './host-telemetry.js'
export { istioFamilies } from './istio-names.js'
export { isLogLevel, Logger, type LoggerOptions, type LogLevel, logLevels } from './log.js'
export { MetricRegistry } from './metrics.js'
export { metricDefinitions, offeredName } from './names.js'
export { offerProcessMetrics, type ProcessFacts } from './process-metrics.js'
export { prometheusContentType, renderPrometheus } from './prometheus.js'
export {
  type Counter,
  type Histogram,
  type Labels,
  type Log,
  type Span,
  type SpanAttributes,
  silent,
  type Telemetry,
} from './recorder.js'
export { printableFacts } from './redact.js'
