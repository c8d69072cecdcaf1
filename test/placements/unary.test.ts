import type { Verdict } from '@outboard/adapters-sdk'
import t from 'tap'
import { asking, command, traceparent } from '../contract/asking.js'
import { connection } from '../contract/serving.js'
import { IstioAdapter } from './support/istio-adapter.js'
import { Handlers, statusUntil } from './support/opened.js'
import { ScriptedAdapter, wellBehaved } from './support/scripted-adapter.js'
import { bytes, openedUnary } from './support/unary.js'

const codeOf = (verdict: Verdict) => (verdict.kind === 'failed' ? verdict.error.code : verdict.kind)
const listentry = '/listentry.HandleListEntryService/HandleListEntry'

t.test('a check request has the bytes that Istio sends', async t => {
  const settingsAny = { typeUrl: 'type.googleapis.com/p.Params', value: Uint8Array.of(8, 1) }
  const { adapter, handler } = await openedUnary(t, { [listentry]: () => Buffer.alloc(0) }, { settingsAny })
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
  const without = await openedUnary(t, { [listentry]: () => Buffer.alloc(0) }, { settingsAny: undefined })
  await without.handler.check(command('x'), asking())
  t.notOk(without.adapter.calls[0]?.request.includes('type.googleapis.com'))
  const settingsAny = { typeUrl: 'type.googleapis.com/p.Params', value: new Uint8Array() }
  const empty = await openedUnary(t, { [listentry]: () => Buffer.alloc(0) }, { settingsAny })
  await empty.handler.check(command('x'), asking())
  t.ok(
    empty.adapter.calls[0]?.request.includes(
      bytes(0x12, 32, 0x0a, 28, 'type.googleapis.com/p.Params', 0x12, 0),
    ),
  )
})

t.test(
  'params that nothing says how to write refuse their handler: without them it might allow all',
  async t => {
    const adapter = await IstioAdapter.listen({ [listentry]: () => Buffer.alloc(0) })
    const handlers = new Handlers()
    t.teardown(async () => {
      await handlers.close()
      adapter.close()
    })
    for (const placement of ['unary', 'auto'] as const) {
      const more = { settings: { banned: ['x'] }, settingsAny: undefined }
      t.match(await handlers.tryOpen(placement, [adapter.address], more), {
        kind: 'refused',
        problems: [{ message: /params only as the descriptor of an adapter document says/ }],
      })
      t.match(await handlers.tryOpen(placement, [adapter.address], { ...more, settings: {} }), {
        kind: 'opened',
      })
    }
  },
)

t.test('calls without an id get one each', async t => {
  const { adapter, handler } = await openedUnary(t, { [listentry]: () => Buffer.alloc(0) })
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

t.test('an answer that never comes ends at the deadline, and the adapter hears of it', async t => {
  const { adapter, handler } = await openedUnary(t, { [listentry]: () => new Promise<Buffer>(() => {}) })
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
  const { handler } = await openedUnary(t, { [listentry]: () => ({ code, details: 'as I said' }) })
  for (const [number, wanted] of Object.entries(grpcErrors)) {
    code = Number(number)
    const verdict = await handler.check(command('x'), asking())
    t.equal(codeOf(verdict), wanted, number)
    t.match(verdict.kind === 'failed' && verdict.error.message, /as I said/)
  }
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
    await statusUntil(
      handler,
      ({ endpoints }) => endpoints[0]?.reason === 'connected by session on a gRPC stream',
    )
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
