import { allow, deny } from '@outboard/adapters-sdk'
import {
  CallBatch,
  decodeAdapterFrame,
  decodeHostFrame,
  defaultLimits,
  encodeAdapterFrame,
  encodeHostFrame,
  type HostFrame,
  largestLimit,
  ProtocolError,
  type ProtocolErrorCode,
  ResultBatch,
  resolveLimits,
  type WireCall,
  type WireResult,
} from '@outboard/adapters-sdk/protocol'
import t from 'tap'

const call: WireCall = {
  id: 1,
  handler: 1,
  generation: 1,
  template: 1,
  verb: 'check',
  deadlineMs: 0,
  dedupId: '',
  traceparent: '',
  instances: [new Uint8Array(100)],
  quota: undefined,
}

/** The code that reading the bytes throws. */
function codeOf(read: () => unknown): ProtocolErrorCode | undefined {
  try {
    read()
    return undefined
  } catch (thrown) {
    if (thrown instanceof ProtocolError) return thrown.code
    throw thrown
  }
}

function hostCode(bytes: Uint8Array, limits = defaultLimits): ProtocolErrorCode | undefined {
  return codeOf(() => decodeHostFrame(bytes, limits))
}

t.test(
  'Frames, batches, settings and lists above the receiver’s limits are refused with their codes',
  async t => {
    const calls: HostFrame = { kind: 'calls', calls: [call, { ...call, id: 2 }] }
    const bytes = encodeHostFrame(calls)
    t.equal(hostCode(bytes), undefined)
    t.equal(hostCode(bytes, resolveLimits({ frameBytes: bytes.length })), undefined)
    t.equal(hostCode(bytes, resolveLimits({ frameBytes: bytes.length - 1 })), 'PROTOCOL_FRAME_TOO_LARGE')
    t.equal(hostCode(bytes, resolveLimits({ batchItems: 1 })), 'PROTOCOL_BATCH_TOO_LARGE')
    const report = encodeHostFrame({
      kind: 'calls',
      calls: [{ ...call, instances: [new Uint8Array(1), new Uint8Array(1)] }],
    })
    t.equal(hostCode(report, resolveLimits({ instancesPerCall: 1 })), 'PROTOCOL_LIMIT')
    const cancel = encodeHostFrame({ kind: 'cancel', ids: [1, 2, 3] })
    t.equal(hostCode(cancel, resolveLimits({ batchItems: 2 })), 'PROTOCOL_BATCH_TOO_LARGE')
    const configure = encodeHostFrame({
      kind: 'configure',
      handler: 1,
      generation: 1,
      id: 'h',
      adapter: '',
      settings: 'x'.repeat(100),
      instances: [],
    })
    t.equal(hostCode(configure, resolveLimits({ settingsBytes: 50 })), 'PROTOCOL_LIMIT')
    const results = encodeAdapterFrame({
      kind: 'results',
      credits: 0,
      results: [
        { kind: 'reported', id: 1 },
        { kind: 'reported', id: 2 },
      ],
    })
    t.equal(
      codeOf(() => decodeAdapterFrame(results, resolveLimits({ batchItems: 1 }))),
      'PROTOCOL_BATCH_TOO_LARGE',
    )
    const invalidate = encodeAdapterFrame({ kind: 'invalidate', handler: 1, keys: ['a', 'b'] })
    t.equal(
      codeOf(() => decodeAdapterFrame(invalidate, resolveLimits({ cacheKeys: 1 }))),
      'PROTOCOL_LIMIT',
    )
  },
)

t.test('What is no frame is malformed', async t => {
  const broken: readonly (readonly [what: string, hex: string])[] = [
    ['a cut length', '0a'],
    ['a length beyond the end', '22ff'],
    ['a varint that never ends', '3208' + '08ffffffffffffffff'],
    ['an eleven byte varint', '320c' + '08ffffffffffffffffffff01'],
    ['an integer above 2^53', '320a' + '08ffffffffffffffff7f'],
    ['field number 0', '0001'],
    ['a group', '0b0c'],
    ['a nested field across the end of its message', '3202' + '0880' + '01'],
    ['two kinds at once', '3200' + '3a00'],
    ['a cut fixed64', 'c1060000'],
    ['a cut fixed32', 'cd0600'],
  ]
  for (const [what, hex] of broken) {
    t.equal(hostCode(Buffer.from(hex, 'hex')), 'PROTOCOL_MALFORMED', what)
    t.equal(
      codeOf(() => decodeAdapterFrame(Buffer.from(hex, 'hex'), defaultLimits)),
      'PROTOCOL_MALFORMED',
      what,
    )
  }
})

t.test('An answer above a limit fails its call only', async t => {
  const header = { on: 'request', operation: 'append', name: 'x', value: 'y'.repeat(50) } as const
  const headers = [header, header]
  const direct = {
    httpStatus: 403,
    body: 'b'.repeat(50),
    headers: [
      ['x', 'y'.repeat(50)],
      ['x', 'z'],
    ],
  } as const
  const large: readonly (readonly [Parameters<typeof resolveLimits>[0], WireResult])[] = [
    [{ headerOperations: 1 }, { kind: 'verdict', id: 7, verdict: allow({ headers }), output: undefined }],
    [{ headerBytes: 40 }, { kind: 'verdict', id: 7, verdict: allow({ headers }), output: undefined }],
    [
      { headerOperations: 1 },
      { kind: 'verdict', id: 7, verdict: deny(7, 'no', { direct }), output: undefined },
    ],
    [{ headerBytes: 40 }, { kind: 'verdict', id: 7, verdict: deny(7, 'no', { direct }), output: undefined }],
    [{ bodyBytes: 40 }, { kind: 'verdict', id: 7, verdict: deny(7, 'no', { direct }), output: undefined }],
    [
      { metadataEntries: 1 },
      { kind: 'verdict', id: 7, verdict: allow({ metadata: { a: 1, b: 2 } }), output: undefined },
    ],
    [
      { cacheKeys: 1 },
      { kind: 'verdict', id: 7, verdict: allow({ cacheKeys: ['a', 'b'] }), output: undefined },
    ],
    [
      { cacheKeyBytes: 10 },
      { kind: 'verdict', id: 7, verdict: allow({ cacheKeys: ['a'.repeat(11)] }), output: undefined },
    ],
    [{ outputBytes: 10 }, { kind: 'verdict', id: 7, verdict: allow(), output: new Uint8Array(11) }],
    [{ outputBytes: 10 }, { kind: 'produced', id: 7, output: new Uint8Array(11), validForMs: undefined }],
  ]
  for (const [given, result] of large) {
    const results = [result, { kind: 'reported', id: 8 } as const]
    const bytes = encodeAdapterFrame({ kind: 'results', results, credits: 0 })
    const lenient = decodeAdapterFrame(bytes, defaultLimits)
    t.match(lenient, {
      results: [
        { kind: result.kind, id: 7 },
        { kind: 'reported', id: 8 },
      ],
    })
    const strict = decodeAdapterFrame(bytes, resolveLimits(given))
    t.match(
      strict,
      {
        results: [
          { kind: 'failed', id: 7, code: 'ADAPTER_LIMIT' },
          { kind: 'reported', id: 8 },
        ],
      },
      JSON.stringify(given),
    )
  }
})

t.test('Messages above the limit are cut', async t => {
  const verdict = deny(7, 'm'.repeat(100))
  const bytes = encodeAdapterFrame({
    kind: 'results',
    credits: 0,
    results: [{ kind: 'verdict', id: 1, verdict, output: undefined }],
  })
  t.match(decodeAdapterFrame(bytes, resolveLimits({ messageBytes: 10 })), {
    results: [{ verdict: { message: 'm'.repeat(10) } }],
  })
})

t.test('Answers of a later version fail their call only', async t => {
  const unknown: readonly (readonly [what: string, hex: string])[] = [
    ['an unknown kind of answer', '2208' + '0a06' + '0807' + '3a02' + '0801'],
    ['an unknown caching', '2208' + '0a06' + '0807' + '1202' + '1809'],
    ['an unknown header operation', '220a' + '0a08' + '0807' + '1204' + '3a02' + '1009'],
  ]
  for (const [what, hex] of unknown) {
    const frame = decodeAdapterFrame(Buffer.from(hex, 'hex'), defaultLimits)
    t.match(frame, { results: [{ kind: 'failed', id: 7, code: 'ADAPTER_PROTOCOL' }] }, what)
  }
  const code = decodeAdapterFrame(
    Buffer.from('2208' + '0a06' + '0807' + '3202' + '0863', 'hex'),
    defaultLimits,
  )
  t.match(code, { results: [{ kind: 'failed', code: 'ADAPTER_CRASHED' }] }, 'an unknown failure code')
  const verb = decodeHostFrame(Buffer.from('2206' + '0a04' + '0801' + '2863', 'hex'), defaultLimits)
  t.match(verb, { calls: [{ id: 1, verb: 'unknown' }] }, 'an unknown verb')
})

t.test('A batch says when it is full, and when an item fits into no frame', async t => {
  const calls = new CallBatch({ frameBytes: 300, batchItems: 10 })
  t.equal(calls.add({ ...call, instances: [new Uint8Array(400)] }), 'too-large')
  t.equal(calls.count, 0)
  t.equal(calls.add(call), 'added')
  t.equal(calls.add({ ...call, id: 2 }), 'added')
  t.equal(calls.add({ ...call, id: 3 }), 'full')
  const frame = calls.take()
  t.ok(frame.length <= 300)
  t.match(decodeHostFrame(frame, defaultLimits), { calls: [{ id: 1 }, { id: 2 }] })
  t.equal(calls.add({ ...call, id: 3 }), 'added')
  const results = new ResultBatch({ frameBytes: 10_000, batchItems: 1 })
  t.equal(results.add({ kind: 'reported', id: 1 }), 'added')
  t.equal(results.add({ kind: 'reported', id: 2 }), 'full')
})

t.test('A batch refuses integers that would make the frame unreadable, and stays whole', async t => {
  const results = new ResultBatch(defaultLimits)
  t.equal(results.add({ kind: 'reported', id: 1 }), 'added')
  for (const code of [-1, Number.NaN, 2 ** 60]) {
    t.throws(
      () => results.add({ kind: 'verdict', id: 2, verdict: { ...deny(7, ''), code }, output: undefined }),
      {
        name: 'RangeError',
      },
    )
  }
  t.match(decodeAdapterFrame(results.take(3), defaultLimits), { results: [{ id: 1 }], credits: 3 })
})

t.test('Limits on the wire: 0 is the default, too large ones are read as the largest', async t => {
  const hello = Buffer.from('0a0b' + '3a09' + '0800' + '10ffffffff7f', 'hex')
  const bytes = Buffer.concat([hello.subarray(0, 1), Buffer.from([hello.length - 2]), hello.subarray(2)])
  bytes[3] = bytes.length - 4
  t.match(decodeHostFrame(bytes, defaultLimits), {
    limits: { frameBytes: defaultLimits.frameBytes, batchItems: largestLimit },
  })
  t.throws(() => resolveLimits({ frameBytes: 0 }), { name: 'RangeError' })
  t.throws(() => resolveLimits({ cacheKeys: 1.5 }), { name: 'RangeError' })
})
