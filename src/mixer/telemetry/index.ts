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
