import { AdapterError, type Verdict } from '@outboard/adapters-sdk'
import { defaultLimits } from '@outboard/adapters-sdk/protocol'
import t from 'tap'
import { asking, command, question } from '../contract/asking.js'
import { Handlers } from './support/opened.js'
import {
  allowAll,
  hello,
  politely,
  ScriptedAdapter,
  untilCalled,
  verdictFor,
  wellBehaved,
} from './support/scripted-adapter.js'

const codeOf = (verdict: Verdict) => (verdict.kind === 'failed' ? verdict.error.code : verdict.kind)

t.test('an answer of another kind fails its call and leaves the session open', async t => {
  const odd = await ScriptedAdapter.listen(
    untilCalled((session, frame) => {
      const [first, ...rest] = frame.calls
      if (first !== undefined && first.id === 1)
        session.send({ kind: 'results', results: [{ kind: 'reported', id: 1 }], credits: 1 })
      allowAll(session, { kind: 'calls', calls: first?.id === 1 ? rest : frame.calls })
    }),
  )
  const handlers = new Handlers()
  t.teardown(async () => {
    await handlers.close()
    odd.close()
  })
  const handler = await handlers.open('session', [odd.address])
  t.equal(codeOf(await handler.check(command('a'), asking())), 'ADAPTER_PROTOCOL')
  t.equal(codeOf(await handler.check(command('b'), asking())), 'allow')
  t.equal(odd.sessions.length, 1)
})

t.test('an answer over the limits fails its call and leaves the session open', async t => {
  const long = await ScriptedAdapter.listen(
    untilCalled((session, frame) => {
      const headers = Array.from({ length: 65 }, (_, i) => ({
        on: 'request' as const,
        operation: 'append' as const,
        name: `x-${i}`,
        value: 'v',
      }))
      const results = frame.calls.map(({ id }) => {
        const result = verdictFor(id)
        return id === 1 ? { ...result, verdict: { ...result.verdict, headers } } : result
      })
      session.send({ kind: 'results', results, credits: results.length })
    }),
  )
  const handlers = new Handlers()
  t.teardown(async () => {
    await handlers.close()
    long.close()
  })
  const handler = await handlers.open('session', [long.address])
  t.equal(codeOf(await handler.check(command('a'), asking())), 'ADAPTER_LIMIT')
  t.equal(codeOf(await handler.check(command('b'), asking())), 'allow')
  t.equal(long.sessions.length, 1)
})

t.test('results after a cancellation are taken, and belong to nobody', async t => {
  const late: ((() => void) | undefined)[] = []
  const slow = await ScriptedAdapter.listen(
    untilCalled((session, frame) => {
      if (frame.calls[0]?.id === 1) late.push(() => allowAll(session, frame))
      else allowAll(session, frame)
    }),
  )
  const handlers = new Handlers()
  t.teardown(async () => {
    await handlers.close()
    slow.close()
  })
  const handler = await handlers.open('session', [slow.address])
  const onCancel: { cancelled: (() => void) | undefined } = { cancelled: undefined }
  const asked = handler.check(command('a'), asking({ onCancel }))
  await slow.sessions[0]?.frame('calls')
  onCancel.cancelled?.()
  t.equal(codeOf(await asked), 'ADAPTER_CANCELLED')
  t.same((await slow.sessions[0]?.frame('cancel'))?.ids, [1])
  t.equal(handler.status().endpoints[0]?.inFlight, 1, 'its place is kept until the result comes')
  late[0]?.()
  t.equal(codeOf(await handler.check(command('b'), asking())), 'allow')
  t.equal(handler.status().endpoints[0]?.inFlight, 0)
})

t.test('an adapter that gives no credit makes calls wait, and bounds how many', async t => {
  const stingy = await ScriptedAdapter.listen((session, frame) => {
    if (frame.kind === 'hello') session.send(hello({ credits: 2 }))
    else politely(session, frame)
  })
  const handlers = new Handlers()
  t.teardown(async () => {
    await handlers.close()
    stingy.close()
  })
  const handler = await handlers.open('session', [stingy.address])
  const asked = Array.from({ length: 4_200 }, () =>
    handler.check(command('allow'), asking({ timeoutMs: 60_000 })),
  )
  const refused = await Promise.all(asked.slice(4_098))
  t.same(new Set(refused.map(codeOf)), new Set(['ADAPTER_OVERLOADED']))
  const calls = await stingy.sessions[0]?.frame('calls')
  t.equal(calls?.calls.length, 2, 'only what credit allows was sent')
  await handler.close(1)
  t.notOk((await Promise.all(asked)).some(verdict => verdict.kind !== 'failed'))
})

t.test('an instance that fits into no frame fails before it is sent', async t => {
  const good = await ScriptedAdapter.listen(wellBehaved)
  const handlers = new Handlers()
  t.teardown(async () => {
    await handlers.close()
    good.close()
  })
  const handler = await handlers.open('session', [good.address])
  const verdict = await handler.check(command('x'.repeat(2_000_000)), asking())
  t.ok(verdict.kind === 'failed' && verdict.error instanceof AdapterError)
  t.equal(codeOf(verdict), 'ADAPTER_LIMIT')
})

t.test('a report goes out in as many calls as its adapter asks for', async t => {
  const modest = await ScriptedAdapter.listen((session, frame) => {
    if (frame.kind === 'hello') session.send(hello({ limits: { ...defaultLimits, instancesPerCall: 4 } }))
    else politely(session, frame)
    if (frame.kind !== 'calls') return
    const results = frame.calls.map(({ id }) => ({ kind: 'reported', id }) as const)
    session.send({ kind: 'results', results, credits: results.length })
  })
  const handlers = new Handlers()
  t.teardown(async () => {
    await handlers.close()
    modest.close()
  })
  const handler = await handlers.open('session', [modest.address])
  const batch = Array.from({ length: 10 }, (_, i) =>
    question('metric', { value: { type: 'INT64', value: BigInt(i) } }),
  )
  t.equal(await handler.report(batch, asking()), undefined)
  const calls = modest.sessions[0]?.received.flatMap(frame => (frame.kind === 'calls' ? frame.calls : []))
  t.same(
    calls?.map(call => call.instances.length),
    [4, 4, 2],
  )
})

t.test('answers with keys are in doubt when their session ends: nobody else could withdraw them', async t => {
  const keyed = await ScriptedAdapter.listen(
    untilCalled((session, frame) => {
      const results = frame.calls.map(({ id }) => {
        const result = verdictFor(id)
        return { ...result, verdict: { ...result.verdict, cacheKeys: ['k'] } }
      })
      session.send({ kind: 'results', results, credits: results.length })
    }),
  )
  const plain = await ScriptedAdapter.listen(wellBehaved)
  const handlers = new Handlers()
  t.teardown(() => handlers.close())
  const one = await handlers.open('session', [keyed.address], { id: 'keyed.handler.test' })
  const two = await handlers.open('session', [plain.address], { id: 'plain.handler.test' })
  await Promise.all([one.check(command('x'), asking()), two.check(command('x'), asking())])
  t.same(handlers.host.doubts, [])
  keyed.close()
  plain.close()
  await handlers.host.until(() => handlers.host.doubts.length > 0)
  t.same(handlers.host.doubts, ['keyed.handler.test'])
})

t.test(
  'all answers are in doubt when an adapter is back: it may have changed its mind meanwhile',
  async t => {
    const adapter = await ScriptedAdapter.listen(wellBehaved)
    const handlers = new Handlers()
    t.teardown(async () => {
      await handlers.close()
      adapter.close()
    })
    const handler = await handlers.open('session', [adapter.address], { id: 'h.handler.test' })
    t.equal(codeOf(await handler.check(command('x'), asking())), 'allow')
    t.same(handlers.host.doubts, [], 'nothing at first')
    adapter.sessions[0]?.end()
    await handlers.host.until(() => handlers.host.doubts.length > 0)
    t.equal(adapter.sessions.length, 2, 'not before there is a session again')
    t.same(handlers.host.doubts, ['h.handler.test'])
    t.equal(codeOf(await handler.check(command('x'), asking())), 'allow')
  },
)

t.test('an adapter that reads nothing makes calls wait within bounds, and costs another nothing', async t => {
  const deaf = await ScriptedAdapter.listen((session, frame) => {
    politely(session, frame)
    if (frame.kind === 'configure') session.pause()
  })
  const good = await ScriptedAdapter.listen(wellBehaved)
  const handlers = new Handlers()
  t.teardown(async () => {
    await handlers.close()
    deaf.close()
    good.close()
  })
  const handler = await handlers.open('session', [deaf.address], { id: 'deaf.handler.test' })
  const other = await handlers.open('session', [good.address], { id: 'good.handler.test' })
  const large = command('x'.repeat(10_000))
  const asked: Promise<Verdict>[] = []
  for (let i = 0; i < 8_000; i++) asked.push(handler.check(large, asking({ timeoutMs: 60_000 })))
  const first = await Promise.race(asked)
  t.equal(codeOf(first), 'ADAPTER_OVERLOADED', 'what is beyond the bounds is refused at once')
  t.equal(codeOf(await other.check(command('x'), asking())), 'allow')
  await handler.close(1)
  deaf.close()
  t.notOk((await Promise.all(asked)).some(verdict => verdict.kind !== 'failed'))
})
