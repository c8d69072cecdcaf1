import t from 'tap'
import { traceparentOf } from '../../src/mixer/doors/trace.js'

const trace = '80f198ee56343ba864fe8b2a57d3eff7'
const span = 'e457b5a2e4d86bd1'

/** The trace context of a call with this metadata. */
const of = (metadata: Readonly<Record<string, string>>) => traceparentOf({ metadata: name => metadata[name] })

t.test('a W3C trace context is passed on as it is', t => {
  t.equal(of({ traceparent: `00-${trace}-${span}-01` }), `00-${trace}-${span}-01`)
  t.equal(of({}), undefined)
  t.end()
})

t.test('malformed contexts are ignored', t => {
  for (const traceparent of [
    '',
    `00-${trace}-${span}`,
    `00-${'0'.repeat(32)}-${span}-01`,
    `00-${trace}-${'0'.repeat(16)}-01`,
    `ff-${trace}-${span}-01`,
    `00-${trace.toUpperCase()}-${span}-01`,
  ])
    t.equal(of({ traceparent }), undefined, traceparent)
  for (const b3 of ['0', '1', `${trace}`, `${trace}-xyz-1`, `${'0'.repeat(32)}-${span}-1`])
    t.equal(of({ b3 }), undefined, b3)
  t.equal(of({ 'x-b3-traceid': trace }), undefined, 'no span')
  t.end()
})

t.test('B3 in one header becomes W3C', t => {
  t.equal(of({ b3: `${trace}-${span}-1` }), `00-${trace}-${span}-01`)
  t.equal(of({ b3: `${trace}-${span}-d-05e3ac9a4f6e3b90` }), `00-${trace}-${span}-01`)
  t.equal(of({ b3: `${trace}-${span}-0` }), `00-${trace}-${span}-00`)
  t.equal(of({ b3: `${trace}-${span}` }), `00-${trace}-${span}-00`)
  t.equal(of({ b3: `${span}-${span}-1` }), `00-${'0'.repeat(16)}${span}-${span}-01`, '64 bits')
  t.end()
})

t.test('B3 in several headers becomes W3C', t => {
  const ids = { 'x-b3-traceid': trace, 'x-b3-spanid': span }
  t.equal(of({ ...ids, 'x-b3-sampled': '1' }), `00-${trace}-${span}-01`)
  t.equal(of({ ...ids, 'x-b3-sampled': '0' }), `00-${trace}-${span}-00`)
  t.equal(of({ ...ids, 'x-b3-flags': '1' }), `00-${trace}-${span}-01`, 'debug implies sampled')
  t.equal(of({ ...ids, traceparent: `00-${span}${span}-${span}-00` }), `00-${span}${span}-${span}-00`)
  t.end()
})
