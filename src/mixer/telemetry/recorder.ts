/**
 * What rooms tell about themselves while they work. One implementation counts and traces through OpenTelemetry; the
 * silent one does nothing. Calls are plain and cheap; labels are settled when a thing is made, not per call.
 */
export interface Telemetry {
  /** A counter, its labels settled. Names are listed in docs/metrics.md. */
  counter(name: string, labels?: Labels): Counter
  /** A histogram of durations in seconds. */
  histogram(name: string, labels?: Labels): Histogram
  /** A value that is asked for when metrics are read. The answer stops it. */
  gauge(name: string, labels: Labels, read: () => number): () => void
  /** Starts a span under a W3C trace context (or a new trace, by the sampler); undefined when nothing is traced. */
  span(name: string, traceparent: string | undefined, attributes?: SpanAttributes): Span | undefined
  readonly log: Log
}

export type Labels = Readonly<Record<string, string>>
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>

export interface Counter {
  add(amount: number): void
}

export interface Histogram {
  record(seconds: number): void
}

export interface Span {
  /** The W3C trace context for whatever is asked inside this span. */
  readonly traceparent: string
  set(attributes: SpanAttributes): void
  /** Ends it; with a message, as failed. */
  end(error?: string): void
}

/** Structured lines. `event` is a stable word; lines of one event beyond the limit (default 10 a second) are counted, not written. */
export interface Log {
  debug(event: string, facts?: Readonly<Record<string, unknown>>): void
  info(event: string, facts?: Readonly<Record<string, unknown>>): void
  warn(event: string, facts?: Readonly<Record<string, unknown>>): void
  error(event: string, facts?: Readonly<Record<string, unknown>>): void
}

const nothing = () => {}
const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing }

/** Records nothing. */
export const silent: Telemetry = {
  counter: () => ({ add: nothing }),
  histogram: () => ({ record: nothing }),
  gauge: () => nothing,
  span: () => undefined,
  log: silentLog,
}
