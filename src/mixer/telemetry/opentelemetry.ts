import {
  type Attributes,
  type Context,
  type Meter,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import type { SpanSource } from './host-telemetry.js'
import type { Family, MetricsListener, PlainHistogram } from './metrics.js'
import { durationBounds } from './names.js'
import type { Span, SpanAttributes } from './recorder.js'
import { parseTraceparent, printTraceparent } from './traceparent.js'

/** What OpenTelemetry's SDK gives once someone has set it up. */
export interface OtelSpansOptions {
  readonly tracer: Tracer
  /** `true`: traces may begin here, by the SDK's sampler; `false`: only callers that sample are followed. */
  readonly rootsPossible: boolean
}

/** Spans through OpenTelemetry's API. What the caller did not sample costs one look at its trace context. */
export function otelSpans({ tracer, rootsPossible }: OtelSpansOptions): SpanSource {
  return (name, traceparent, attributes) => {
    // The usual case, without taking the context apart: the caller does not sample, and nothing begins here.
    if (!rootsPossible && (traceparent === undefined || traceparent.endsWith('-00'))) return undefined
    const parent = traceparent === undefined ? undefined : parseTraceparent(traceparent)
    if (parent === undefined ? !rootsPossible : !parent.sampled) return undefined
    const context: Context =
      parent === undefined
        ? ROOT_CONTEXT
        : trace.setSpanContext(ROOT_CONTEXT, {
            traceId: parent.traceId,
            spanId: parent.spanId,
            traceFlags: TraceFlags.SAMPLED,
            isRemote: true,
          })
    const span = tracer.startSpan(
      name,
      attributes === undefined ? {} : { attributes: { ...attributes } },
      context,
    )
    return span.isRecording() ? new RecordedSpan(span) : undefined
  }
}

class RecordedSpan implements Span {
  readonly traceparent: string
  readonly #span: OtelSpan
  constructor(span: OtelSpan) {
    const { traceId, spanId } = span.spanContext()
    this.#span = span
    this.traceparent = printTraceparent({ traceId, spanId, sampled: true })
  }
  set(attributes: SpanAttributes): void {
    this.#span.setAttributes({ ...attributes })
  }
  end(error?: string): void {
    if (error !== undefined) this.#span.setStatus({ code: SpanStatusCode.ERROR, message: error })
    this.#span.end()
  }
}

/**
 * Passes the registry's metrics on to OpenTelemetry: numbers are read when they are exported, histograms are told of
 * each observation (their buckets cannot be handed over, because the API has no observable histogram).
 */
export function otelMetrics(meter: Meter): MetricsListener {
  const histograms = new Map<string, ReturnType<Meter['createHistogram']>>()
  return {
    family(family: Family): void {
      const { name, definition, form } = family
      const options = { description: definition.help }
      if (form === 'histogram') {
        const advice = { explicitBucketBoundaries: [...(definition.bounds ?? durationBounds)] }
        histograms.set(name, meter.createHistogram(name, { ...options, advice }))
        return
      }
      const instrument =
        definition.kind === 'counter'
          ? meter.createObservableCounter(name, options)
          : meter.createObservableGauge(name, options)
      instrument.addCallback(result => {
        for (const series of family.series.values()) result.observe(series.read(), { ...series.labels })
      })
    },
    histogram(family: Family, series: PlainHistogram): void {
      const instrument = histograms.get(family.name)
      const attributes: Attributes = { ...series.labels }
      series.listener = value => instrument?.record(value, attributes)
    },
  }
}
