import { tracing } from '@opentelemetry/sdk-node'
import fc from 'fast-check'
import t from 'tap'
import { otelSpans } from '../../src/mixer/telemetry/opentelemetry.js'
import { parseTraceparent, printTraceparent } from '../../src/mixer/telemetry/traceparent.js'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const spanId = '00f067aa0ba902b7'

function recorder(ratio: number) {
  const exporter = new tracing.InMemorySpanExporter()
  const provider = new tracing.BasicTracerProvider({
    sampler: new tracing.ParentBasedSampler({ root: new tracing.TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [new tracing.SimpleSpanProcessor(exporter)],
  })
  const spans = otelSpans({ tracer: provider.getTracer('test'), rootsPossible: ratio > 0 })
  return { spans, exporter }
}

t.test('a trace context is read as the W3C says, and anything else is none', async t => {
  t.same(parseTraceparent(`00-${traceId}-${spanId}-01`), { traceId, spanId, sampled: true })
  t.same(parseTraceparent(`00-${traceId}-${spanId}-00`)?.sampled, false)
  t.same(parseTraceparent(`cc-${traceId}-${spanId}-01-what-comes-later`)?.traceId, traceId)
  for (const bad of [
    '',
    `00-${traceId}-${spanId}`,
    `ff-${traceId}-${spanId}-01`,
    `00-${traceId}-${spanId}-01-more`,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
  ])
    t.equal(parseTraceparent(bad), undefined, bad)
})

t.test('no text breaks the reader, and what is printed is read back', async t => {
  fc.assert(fc.property(fc.string(), text => parseTraceparent(text) === undefined || text.length >= 55))
  const context = { traceId, spanId, sampled: true }
  t.same(parseTraceparent(printTraceparent(context)), context)
})

t.test('a span of a caller that samples is its child, and hands its own context on', async t => {
  const { spans, exporter } = recorder(0)
  const span = spans('check', `00-${traceId}-${spanId}-01`, { door: 'mixer' })
  t.match(span?.traceparent, new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`))
  t.notMatch(span?.traceparent, spanId)
  span?.set({ code: 7 })
  span?.end('denied by nobody')
  const [finished] = exporter.getFinishedSpans()
  t.equal(finished?.name, 'check')
  t.equal(finished?.parentSpanContext?.spanId, spanId)
  t.match(finished?.attributes, { door: 'mixer', code: 7 })
  t.match(finished?.status, { message: 'denied by nobody' })
})

t.test('a caller that does not sample is not traced, and no trace begins while the ratio is 0', async t => {
  const { spans, exporter } = recorder(0)
  t.equal(spans('check', `00-${traceId}-${spanId}-00`), undefined)
  t.equal(spans('check', undefined), undefined)
  t.equal(spans('check', 'rubbish'), undefined)
  t.equal(exporter.getFinishedSpans().length, 0)
})

t.test('with a ratio of 1 a trace begins with the request', async t => {
  const { spans, exporter } = recorder(1)
  const root = spans('check', undefined)
  const child = spans('handler', root?.traceparent)
  child?.end()
  root?.end()
  const [first, second] = exporter.getFinishedSpans()
  t.equal(first?.parentSpanContext?.spanId, second?.spanContext().spanId)
  t.equal(second?.parentSpanContext, undefined)
})
