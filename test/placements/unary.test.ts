import type { Verdict } from '@outboard/adapters-sdk'
import t from 'tap'
import type { HandlerSpec } from '../../src/mixer/engine/ports.js'
import { asking, command, question, traceparent } from '../contract/asking.js'
import { connection } from '../contract/serving.js'
import { IstioAdapter, type IstioAnswer, type IstioCall } from './support/istio-adapter.js'
import { Handlers, statusUntil } from './support/opened.js'
import { ScriptedAdapter, wellBehaved } from './support/scripted-adapter.js'

const codeOf = (verdict: Verdict) => (verdict.kind === 'failed' ? verdict.error.code : verdict.kind)
const listentry = '/listentry.HandleListEntryService/HandleListEntry'
const quotaPath = '/quota.HandleQuotaService/HandleQuota'

/** An adapter that answers checks, and a handler on it. */
async function opened(
  t: { teardown(run: () => Promise<void>): unknown },
  services: Readonly<Record<string, (call: IstioCall) => IstioAnswer>>,
  more: Partial<HandlerSpec> = {},
  limits = {},
) {
  const adapter = await IstioAdapter.listen(services)
  const handlers = new Handlers({ limits })
  const handler = await handlers.open('unary', [adapter.address], more)
  t.teardown(async () => {
    await handlers.close()
    adapter.close()
  })
  return { adapter, handler, handlers }
}

const bytes = (...parts: (number | string)[]) =>
  Buffer.concat(parts.map(part => (typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part))))

t.test('a check request has the bytes that Istio sends', async t => {
  const settingsAny = { typeUrl: 'type.googleapis.com/p.Params', value: Uint8Array.of(8, 1) }
  const { adapter, handler } = await opened(t, { [listentry]: () => Buffer.alloc(0) }, { settingsAny })
  const asked = command('x')
  t.equal(codeOf(await handler.check(asked, asking({ dedupId: 'id-9' }))), 'allow')
  const instance = Buffer.from(asked.bytes ?? [])
  const any = bytes(0x0a, 28, 'type.googleapis.com/p.Params', 0x12, 2, 8, 1)
  const wanted = Buffer.concat([
    bytes(0x0a, instance.length),
    instance,
    bytes(0x12, any.length),
    any,
    bytes(0x1a, 4, 'id-9'),
  ])
  t.equal(adapter.calls[0]?.request.toString('hex'), wanted.toString('hex'))
})

t.test('adapter_config is left out when there is none, and sent empty when there are no params', async t => {
  const without = await opened(t, { [listentry]: () => Buffer.alloc(0) }, { settingsAny: undefined })
  await without.handler.check(command('x'), asking())
  t.notOk(without.adapter.calls[0]?.request.includes('type.googleapis.com'))
  const settingsAny = { typeUrl: 'type.googleapis.com/p.Params', value: new Uint8Array() }
  const empty = await opened(t, { [listentry]: () => Buffer.alloc(0) }, { settingsAny })
  await empty.handler.check(command('x'), asking())
  t.ok(
    empty.adapter.calls[0]?.request.includes(
      bytes(0x12, 32, 0x0a, 28, 'type.googleapis.com/p.Params', 0x12, 0),
    ),
  )
})

t.test('calls without an id get one each', async t => {
  const { adapter, handler } = await opened(t, { [listentry]: () => Buffer.alloc(0) })
  for (let i = 0; i < 3; i++) await handler.check(command('x'), asking({ dedupId: '' }))
  const ids = adapter.calls.map(call => /\d+$/.exec(call.request.toString('latin1'))?.[0])
  t.equal(new Set(ids).size, 3)
  t.ok(ids.every(id => id !== undefined && BigInt(id) < 2n ** 64n))
})

t.test('metadata and deadline: trace context, and the shorter of two limits', async t => {
  const spec = { connection: connection('', { timeoutMs: 400 }) }
  const adapter = await IstioAdapter.listen({ [listentry]: () => Buffer.alloc(0) })
  const handlers = new Handlers()
  t.teardown(async () => {
    await handlers.close()
    adapter.close()
  })
  const handler = await handlers.open('unary', [], {
    connection: { ...spec.connection, addresses: [adapter.address] },
  })
  await handler.check(command('x'), asking())
  t.same(adapter.calls[0]?.metadata.get('traceparent'), [traceparent])
  const remaining = adapter.calls[0]?.deadlineMs ?? 0
  t.ok(remaining > 0 && remaining <= 410, `${remaining} ms`)
})

const answers: Readonly<Record<string, readonly [answer: Buffer, verdict: object]>> = {
  'nothing at all': [Buffer.alloc(0), { kind: 'allow', caching: { kind: 'no-opinion' } }],
  'a validity': [
    bytes(0x12, 2, 0x08, 5, 0x18, 7),
    { kind: 'allow', caching: { kind: 'valid', forMs: 5_000, uses: 7 } },
  ],
  'uses without limit': [
    bytes(0x12, 2, 0x08, 5, 0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01),
    { caching: { kind: 'valid', forMs: 5_000, uses: -1 } },
  ],
  'a negative duration': [
    bytes(0x12, 11, 0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01),
    { kind: 'allow', caching: { kind: 'no-opinion' } },
  ],
  'a denial': [
    bytes(0x0a, 6, 0x08, 7, 0x12, 2, 'no'),
    { kind: 'deny', code: 7, message: 'no', direct: undefined, caching: { kind: 'do-not-cache' } },
  ],
  'fields of a later version': [bytes(0x5a, 1, 'x', 0x60, 1, 0x18, 7, 0x12, 2, 0x08, 1), { kind: 'allow' }],
}

for (const [name, [answer, verdict]] of Object.entries(answers)) {
  t.test(`an answer is understood: ${name}`, async t => {
    const { handler } = await opened(t, { [listentry]: () => answer })
    t.match(await handler.check(command('x'), asking()), verdict)
  })
}

/** A field of bytes: key, length, content. */
const field = (number: number, content: Buffer | string) => {
  const body = Buffer.from(content)
  const length = body.length < 128 ? [body.length] : [(body.length & 127) | 128, body.length >> 7]
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), body])
}

const direct = (content: Buffer) =>
  field(
    1,
    Buffer.concat([
      bytes(0x08, 8),
      field(
        3,
        Buffer.concat([
          field(1, 'type.googleapis.com/istio.policy.v1beta1.DirectHttpResponse'),
          field(2, content),
        ]),
      ),
    ]),
  )

const header = (name: string, value: string) => field(3, Buffer.concat([field(1, name), field(2, value)]))

t.test('a direct response: status, body, and each cookie by itself', async t => {
  const cookies = 'a=1; Expires=Wed, 21 Oct 2015 07:28:00 GMT, b=2; Path=/'
  const content = Buffer.concat([
    bytes(0x08, 0xad, 0x03),
    field(2, 'slow'),
    header('Set-Cookie', cookies),
    header('X-A', '1, 2'),
  ])
  const { handler } = await opened(t, { [listentry]: () => direct(content) })
  const verdict = await handler.check(command('x'), asking())
  t.match(verdict, { kind: 'deny', code: 8 })
  t.same(verdict.kind === 'deny' && verdict.direct, {
    httpStatus: 429,
    body: 'slow',
    headers: [
      ['set-cookie', 'a=1; Expires=Wed, 21 Oct 2015 07:28:00 GMT'],
      ['set-cookie', 'b=2; Path=/'],
      ['x-a', '1, 2'],
    ],
  })
})

t.test('a direct response beyond the limits is a failed verdict', async t => {
  const tooMuch = {
    body: field(2, 'x'.repeat(600)),
    headers: Buffer.concat(Array.from({ length: 5 }, (_, i) => header(`x-${i}`, 'v'))),
    header: header('x', 'y'.repeat(300)),
  }
  const limits = { bodyBytes: 500, headerOperations: 4, headerBytes: 200 }
  for (const [name, content] of Object.entries(tooMuch)) {
    const { handler } = await opened(t, { [listentry]: () => direct(content) }, {}, limits)
    t.equal(codeOf(await handler.check(command('x'), asking())), 'ADAPTER_LIMIT', name)
  }
})

const garbage: readonly Uint8Array[] = [
  Buffer.alloc(40, 0xff),
  bytes(0x0a),
  bytes(0x0a, 100, 1),
  bytes(0x0b),
  bytes(0x00, 0x00),
  bytes(0x10, 1),
  bytes(0x0a, 2, 0x0a, 1),
  Buffer.from([0x18, ...Array(11).fill(0xff)]),
]

t.test('garbage for an answer is a failed verdict, and the next one counts again', async t => {
  let answer = new Uint8Array()
  const { handler } = await opened(t, { [listentry]: () => Buffer.from(answer) })
  for (const bad of garbage) {
    answer = Uint8Array.from(bad)
    t.equal(
      codeOf(await handler.check(command('x'), asking())),
      'ADAPTER_PROTOCOL',
      Buffer.from(bad).toString('hex'),
    )
  }
  answer = new Uint8Array()
  t.equal(codeOf(await handler.check(command('x'), asking())), 'allow')
})

t.test('an answer of megabytes is a failed verdict', async t => {
  const { handler } = await opened(
    t,
    { [listentry]: () => Buffer.alloc(300_000, 1) },
    {},
    { frameBytes: 100_000 },
  )
  t.equal(codeOf(await handler.check(command('x'), asking())), 'ADAPTER_LIMIT')
})

t.test('an answer that never comes ends at the deadline, and the adapter hears of it', async t => {
  const { adapter, handler } = await opened(t, { [listentry]: () => new Promise<Buffer>(() => {}) })
  t.equal(codeOf(await handler.check(command('x'), asking({ timeoutMs: 60 }))), 'ADAPTER_TIMEOUT')
  await adapter.calls[0]?.cancelled
})

const grpcErrors: Readonly<Record<number, string>> = {
  1: 'ADAPTER_UNAVAILABLE',
  2: 'ADAPTER_CRASHED',
  4: 'ADAPTER_TIMEOUT',
  7: 'ADAPTER_UNAVAILABLE',
  8: 'ADAPTER_OVERLOADED',
  12: 'ADAPTER_UNCONFIGURED',
  13: 'ADAPTER_CRASHED',
  14: 'ADAPTER_UNAVAILABLE',
  16: 'ADAPTER_UNAVAILABLE',
}

t.test('an RPC error is a failed verdict, never a denial', async t => {
  let code = 0
  const { handler } = await opened(t, { [listentry]: () => ({ code, details: 'as I said' }) })
  for (const [number, wanted] of Object.entries(grpcErrors)) {
    code = Number(number)
    const verdict = await handler.check(command('x'), asking())
    t.equal(codeOf(verdict), wanted, number)
    t.match(verdict.kind === 'failed' && verdict.error.message, /as I said/)
  }
})

t.test('a quota: one entry under the instance name, and its status counts', async t => {
  const entry = (name: string, result: Buffer) => field(1, Buffer.concat([field(1, name), field(2, result)]))
  let answer = Buffer.alloc(0)
  const { adapter, handler } = await opened(t, { [quotaPath]: () => answer })
  const ask = () =>
    handler.quota(question('quota', {}), { amount: 300n, bestEffort: true }, asking({ dedupId: 'q' }))
  answer = Buffer.concat([
    entry('other', bytes(0x18, 9)),
    entry('a.instance.test', bytes(0x12, 2, 0x08, 3, 0x18, 5)),
  ])
  t.same(await ask(), { kind: 'granted', amount: 5n, validForMs: 3_000 })
  const params = bytes(0x08, 0xac, 0x02, 0x10, 1)
  const asked = field(4, field(1, Buffer.concat([field(1, 'a.instance.test'), field(2, params)])))
  t.ok(adapter.calls[0]?.request.includes(asked))
  answer = entry('a.instance.test', Buffer.concat([field(4, bytes(0x08, 8, 0x12, 3, 'out'))]))
  t.same(await ask(), { kind: 'refused', code: 8, message: 'out', validForMs: 0 })
  answer = entry('other', bytes(0x18, 9))
  t.match(await ask(), { kind: 'failed', error: { code: 'ADAPTER_PROTOCOL', message: /no entry/ } })
})

t.test(
  'auto: an adapter without sessions is asked by its unary services, and gets a session when it learns',
  async t => {
    const old = await IstioAdapter.listen({ [listentry]: () => Buffer.alloc(0) })
    const handlers = new Handlers()
    const handler = await handlers.open('auto', [old.address])
    t.match(handler.status().endpoints[0], { state: 'ready', reason: /unary/ })
    t.equal(codeOf(await handler.check(command('x'), asking())), 'allow')
    t.equal(old.calls.length, 1)
    old.close()
    const next = await ScriptedAdapter.listen(wellBehaved, old.address)
    t.teardown(async () => {
      await handlers.close()
      next.close()
    })
    await statusUntil(handler, ({ endpoints }) => endpoints[0]?.reason === 'connected by session')
    t.equal(codeOf(await handler.check(command('x'), asking())), 'allow')
  },
)

t.test('session: an adapter without sessions is said to be one', async t => {
  const adapter = await IstioAdapter.listen({ [listentry]: () => Buffer.alloc(0) })
  const handlers = new Handlers()
  t.teardown(async () => {
    await handlers.close()
    adapter.close()
  })
  const handler = await handlers.open('session', [adapter.address])
  const verdict = await handler.check(command('x'), asking())
  t.match(verdict.kind === 'failed' && verdict.error.message, /no session service/)
})

t.test('unary: a lost adapter is reported with the reason, and found again', async t => {
  const first = await IstioAdapter.listen({ [listentry]: () => Buffer.alloc(0) })
  const handlers = new Handlers({ timing: { patienceMs: 1 } })
  const handler = await handlers.open('unary', [first.address])
  first.close()
  const status = await statusUntil(handler, ({ endpoints }) => endpoints[0]?.state === 'down')
  t.match(status.endpoints[0]?.reason, /ECONNREFUSED/)
  t.match(await handler.check(command('x'), asking()), {
    kind: 'failed',
    error: { code: 'ADAPTER_UNAVAILABLE' },
  })
  const second = await IstioAdapter.listen({ [listentry]: () => Buffer.alloc(0) }, first.address)
  t.teardown(async () => {
    await handlers.close()
    second.close()
  })
  await statusUntil(handler, ({ endpoints }) => endpoints[0]?.state === 'ready')
  t.equal(codeOf(await handler.check(command('x'), asking())), 'allow')
})
