import type { Logger } from './log.js'
import type { MetricRegistry } from './metrics.js'
import type { Counter, Histogram, Labels, Span, SpanAttributes, Telemetry } from './recorder.js'

/** Starts spans; undefined when a request is not traced. */
export type SpanSource = (
  name: string,
  traceparent: string | undefined,
  attributes?: SpanAttributes,
) => Span | undefined

const untraced: SpanSource = () => undefined

/** The telemetry of a running host: metrics as plain numbers, a logger, and spans once tracing is set up. */
export class HostTelemetry implements Telemetry {
  readonly metrics: MetricRegistry
  readonly log: Logger
  #spans: SpanSource = untraced

  constructor(metrics: MetricRegistry, log: Logger) {
    this.metrics = metrics
    this.log = log
  }

  /** From now on spans come from here. Before, nothing is traced. */
  traceWith(spans: SpanSource): void {
    this.#spans = spans
  }

  counter(name: string, labels?: Labels): Counter {
    return this.metrics.counter(name, labels)
  }
  histogram(name: string, labels?: Labels): Histogram {
    return this.metrics.histogram(name, labels)
  }
  gauge(name: string, labels: Labels, read: () => number): () => void {
    return this.metrics.gauge(name, labels, read)
  }
  span(name: string, traceparent: string | undefined, attributes?: SpanAttributes): Span | undefined {
    return this.#spans(name, traceparent, attributes)
  }
}
