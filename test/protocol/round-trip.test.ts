import {
  type AdapterFrame,
  CallBatch,
  decodeAdapterFrame,
  decodeHostFrame,
  defaultLimits,
  encodeAdapterFrame,
  encodeHostFrame,
  type HostFrame,
  ResultBatch,
} from '@outboard/adapters-sdk/protocol'
import fc from 'fast-check'
import protobuf from 'protobufjs'
import t from 'tap'
import { adapterFrame, hostFrame } from './frames.js'

/** Byte views and buffers of equal content compare equal; objects without prototype like ordinary ones. */
function plain(frame: HostFrame | AdapterFrame | undefined): unknown {
  const text = JSON.stringify(frame, (_key, value: unknown) => {
    if (typeof value === 'bigint') return `${value}n`
    if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
    if (Object.is(value, -0)) return '-0'
    if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
    if (
      typeof value === 'object' &&
      value !== null &&
      'type' in value &&
      value.type === 'Buffer' &&
      'data' in value
    ) {
      return Array.isArray(value.data) ? Buffer.from(value.data).toString('hex') : value
    }
    return value
  })
  return JSON.parse(text)
}

const root = protobuf.loadSync('adapters-sdk/proto/outboard/adapter/v1/session.proto')

t.test('Every frame of a host comes back as it was sent', async t => {
  fc.assert(
    fc.property(hostFrame, frame => {
      t.strictSame(plain(decodeHostFrame(encodeHostFrame(frame), defaultLimits)), plain(frame))
    }),
    { numRuns: 400 },
  )
})

t.test('Every frame of an adapter comes back as it was sent', async t => {
  fc.assert(
    fc.property(adapterFrame, frame => {
      t.strictSame(plain(decodeAdapterFrame(encodeAdapterFrame(frame), defaultLimits)), plain(frame))
    }),
    { numRuns: 600 },
  )
})

t.test('What a protobuf library makes of our bytes, by the .proto file, is the same frame again', async t => {
  const host = root.lookupType('outboard.adapter.v1.HostFrame')
  const adapter = root.lookupType('outboard.adapter.v1.AdapterFrame')
  fc.assert(
    fc.property(hostFrame, frame => {
      const bytes = host.encode(host.decode(encodeHostFrame(frame))).finish()
      t.strictSame(plain(decodeHostFrame(bytes, defaultLimits)), plain(frame))
    }),
    { numRuns: 200 },
  )
  fc.assert(
    fc.property(adapterFrame, frame => {
      const bytes = adapter.encode(adapter.decode(encodeAdapterFrame(frame))).finish()
      t.strictSame(plain(decodeAdapterFrame(bytes, defaultLimits)), plain(frame))
    }),
    { numRuns: 300 },
  )
})

t.test('Batches give the same bytes as whole frames', async t => {
  fc.assert(
    fc.property(hostFrame, adapterFrame, (asked, answered) => {
      if (asked.kind === 'calls') {
        const batch = new CallBatch(defaultLimits)
        for (const call of asked.calls) t.equal(batch.add(call), 'added')
        t.equal(batch.count, asked.calls.length)
        t.same(batch.take(), encodeHostFrame(asked))
        t.equal(batch.count, 0)
      }
      if (answered.kind === 'results') {
        const batch = new ResultBatch(defaultLimits)
        for (const result of answered.results) t.equal(batch.add(result), 'added')
        t.same(batch.take(answered.credits), encodeAdapterFrame(answered))
      }
    }),
    { numRuns: 400 },
  )
})

t.test('Unknown fields and unknown kinds of frame are skipped in both directions', async t => {
  const unknown = Buffer.from('b20603616263' + 'b80601' + 'c1060000000000000000' + 'cd0600000000', 'hex')
  t.equal(decodeHostFrame(unknown, defaultLimits), undefined)
  t.equal(decodeAdapterFrame(unknown, defaultLimits), undefined)
  t.equal(decodeHostFrame(new Uint8Array(0), defaultLimits), undefined)
  const ping = encodeHostFrame({ kind: 'ping', nonce: 300 })
  const inner = Buffer.concat([ping.subarray(2), unknown])
  const frame = Buffer.concat([unknown, Buffer.from([ping[0] ?? 0, inner.length]), inner, unknown])
  t.same(decodeHostFrame(frame, defaultLimits), { kind: 'ping', nonce: 300 })
  t.same(decodeAdapterFrame(frame, defaultLimits), { kind: 'ping', nonce: 300 })
})
