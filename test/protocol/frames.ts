import type { AdapterErrorCode } from '@outboard/adapters-sdk'
import {
  type AdapterFrame,
  defaultLimits,
  type HostFrame,
  type WireCall,
  type WireResult,
} from '@outboard/adapters-sdk/protocol'
import fc from 'fast-check'

// Arbitrary frames, as they come back from the wire: what a receiver fills in by itself is filled in.

const id = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
const u32 = fc.integer({ min: 0, max: 0xffffffff })
const ms = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }))
/** Text that UTF-8 can carry: no half surrogate pairs. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.string({ unit: 'binary-ascii', maxLength: 200 }),
)
const bytes = fc.uint8Array({ maxLength: 300 })
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const ref = { handler: u32, generation: u32 }

const limits = fc
  .record({
    frameBytes: fc.integer({ min: 1, max: 1_073_741_824 }),
    cacheKeys: fc.integer({ min: 1, max: 100 }),
  })
  .map(given => ({ ...defaultLimits, ...given }))

const wireCall: fc.Arbitrary<WireCall> = fc
  .record({
    id,
    ...ref,
    template: u32,
    deadlineMs: ms,
    dedupId: text,
    traceparent: text,
    instances: fc.array(bytes, { maxLength: 4 }),
    asking: fc.oneof(
      fc
        .constantFrom('check', 'report', 'produce', 'unknown')
        .map(verb => ({ verb, quota: undefined }) as const),
      fc
        .record({ amount: int64, bestEffort: fc.boolean() })
        .map(quota => ({ verb: 'quota', quota }) as const),
    ),
  })
  .map(({ asking, ...call }) => ({ ...call, ...asking }))

const caching = fc.oneof(
  fc.constant({ kind: 'no-opinion' } as const),
  fc.constant({ kind: 'do-not-cache' } as const),
  fc.record({
    kind: fc.constant('valid' as const),
    forMs: ms,
    uses: fc.integer({ min: -1, max: 0x7fffffff }),
  }),
)
const metadataValue = fc.oneof(text, fc.double({ noNaN: true }), fc.boolean())
const metadata = fc.dictionary(fc.string({ maxLength: 8 }), metadataValue, { maxKeys: 4 })
const headerOperation = fc.record({
  on: fc.constantFrom('request' as const, 'response' as const),
  operation: fc.constantFrom('replace' as const, 'append' as const, 'remove' as const),
  name: text,
  value: text,
})
const direct = fc.option(
  fc.record({
    httpStatus: fc.oneof(fc.constant(0), fc.integer({ min: 100, max: 599 })),
    body: text,
    headers: fc.array(fc.tuple(text, text), { maxLength: 3 }),
  }),
  { nil: undefined },
)
const cacheKeys = fc.array(text, { maxLength: 3 })
const codes: readonly AdapterErrorCode[] = [
  'ADAPTER_TIMEOUT',
  'ADAPTER_UNAVAILABLE',
  'ADAPTER_OVERLOADED',
  'ADAPTER_CRASHED',
  'ADAPTER_PROTOCOL',
  'ADAPTER_CANCELLED',
  'ADAPTER_DRAINING',
  'ADAPTER_UNCONFIGURED',
  'ADAPTER_LIMIT',
]

const allow = fc.record({
  kind: fc.constant('allow' as const),
  caching,
  headers: fc.array(headerOperation, { maxLength: 3 }),
  metadata,
  output: fc.constant({}),
  cacheKeys,
})
const deny = fc.record({
  kind: fc.constant('deny' as const),
  code: fc.integer({ min: 1, max: 0x7fffffff }),
  message: text,
  direct,
  caching,
  metadata,
  cacheKeys,
})
const grant = fc.oneof(
  fc.record({ kind: fc.constant('granted' as const), amount: int64, validForMs: ms }),
  fc.record({
    kind: fc.constant('refused' as const),
    code: fc.integer({ min: 1, max: 16 }),
    message: text,
    validForMs: ms,
  }),
)

const wireResult: fc.Arbitrary<WireResult> = fc.oneof(
  fc.record({
    kind: fc.constant('verdict' as const),
    id,
    verdict: allow,
    output: fc.option(fc.uint8Array({ minLength: 1, maxLength: 300 }), { nil: undefined }),
  }),
  fc.record({ kind: fc.constant('verdict' as const), id, verdict: deny, output: fc.constant(undefined) }),
  fc.record({ kind: fc.constant('grant' as const), id, grant }),
  fc.record({ kind: fc.constant('reported' as const), id }),
  fc.record({
    kind: fc.constant('produced' as const),
    id,
    output: bytes,
    validForMs: fc.option(ms, { nil: undefined }),
  }),
  fc.record({ kind: fc.constant('failed' as const), id, code: fc.constantFrom(...codes), message: text }),
)

const features = fc.array(fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme-ascii' }), {
  maxLength: 3,
})
const close = fc.record({ kind: fc.constant('close' as const), code: text, message: text })
const drain = fc.record({ kind: fc.constant('drain' as const), reason: text })
const pinging = fc.record({ kind: fc.constantFrom('ping' as const, 'pong' as const), nonce: ms })

/** Every frame that a host can send. */
export const hostFrame: fc.Arbitrary<HostFrame> = fc.oneof(
  fc.record({
    kind: fc.constant('hello' as const),
    versionMin: u32,
    versionMax: u32,
    name: text,
    version: text,
    instance: text,
    features,
    limits,
  }),
  fc.record({
    kind: fc.constant('configure' as const),
    ...ref,
    id: text,
    adapter: text,
    settings: text,
    instances: fc.array(fc.record({ name: text, template: text }), { maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant('remove' as const), ...ref }),
  fc.record({ kind: fc.constant('calls' as const), calls: fc.array(wireCall, { maxLength: 5 }) }),
  fc.record({ kind: fc.constant('cancel' as const), ids: fc.array(id, { maxLength: 5 }) }),
  pinging,
  drain,
  close,
)

/** Every frame that an adapter can send. */
export const adapterFrame: fc.Arbitrary<AdapterFrame> = fc.oneof(
  fc.record({
    kind: fc.constant('hello' as const),
    protocol: u32,
    name: text,
    version: text,
    instance: text,
    features,
    limits,
    credits: u32,
    templates: fc.array(fc.record({ number: u32, name: text, descriptorSet: bytes }), { maxLength: 3 }),
    adapters: fc.array(
      fc.record({
        name: text,
        version: text,
        description: text,
        templates: fc.array(u32, { maxLength: 3 }),
        settingsSchema: text,
      }),
      { maxLength: 3 },
    ),
  }),
  fc.record({ kind: fc.constantFrom('ready' as const, 'removed' as const), ...ref }),
  fc.record({
    kind: fc.constant('refused' as const),
    ...ref,
    problems: fc.array(fc.record({ path: text, message: text }), { maxLength: 3 }),
    retryable: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('results' as const),
    results: fc.array(wireResult, { maxLength: 5 }),
    credits: u32,
  }),
  fc.record({ kind: fc.constant('credit' as const), credits: u32 }),
  pinging,
  drain,
  close,
  fc.record({ kind: fc.constant('invalidate' as const), handler: u32, keys: cacheKeys }),
  fc.record({
    kind: fc.constant('log' as const),
    handler: u32,
    level: fc.constantFrom('debug' as const, 'info' as const, 'warn' as const, 'error' as const),
    message: text,
    dropped: ms,
  }),
)
