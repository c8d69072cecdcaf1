import type { IncomingCall } from './service.js'

const w3c = /^[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}/
const traceId = /^(?:[0-9a-f]{16}){1,2}$/
const spanId = /^[0-9a-f]{16}$/

/**
 * The caller's trace context in W3C form: from `traceparent`, else from `b3`, else from `x-b3-traceid` and its like.
 * B3's 64-bit trace ids are padded with zeros. A sampling decision that was left open counts as not sampled, because
 * the W3C form has no word for it. Malformed contexts are ignored, as both specifications demand.
 */
export function traceparentOf(call: Pick<IncomingCall, 'metadata'>): string | undefined {
  const own = call.metadata('traceparent')
  if (own !== undefined) return w3c.test(own) && !own.startsWith('ff') ? own : undefined
  const single = call.metadata('b3')
  if (single !== undefined) {
    const [trace, span, sampled] = single.toLowerCase().split('-')
    return fromB3(trace, span, sampled)
  }
  const trace = call.metadata('x-b3-traceid')
  if (trace === undefined) return undefined
  const sampled = call.metadata('x-b3-flags') === '1' ? 'd' : call.metadata('x-b3-sampled')
  return fromB3(trace.toLowerCase(), call.metadata('x-b3-spanid')?.toLowerCase(), sampled?.toLowerCase())
}

function fromB3(trace: string | undefined, span: string | undefined, sampled: string | undefined) {
  if (trace === undefined || span === undefined || !traceId.test(trace) || !spanId.test(span))
    return undefined
  const flags = sampled === '1' || sampled === 'd' || sampled === 'true' ? '01' : '00'
  const traceparent = `00-${trace.padStart(32, '0')}-${span}-${flags}`
  return w3c.test(traceparent) ? traceparent : undefined
}
