import type { Verdict } from '@outboard/adapters-sdk'
import t from 'tap'
import type { PlacedHandler } from '../../src/mixer/engine/ports.js'
import { asking, command } from '../contract/asking.js'
import { connection, serveContract, socketPath } from '../contract/serving.js'
import { Handlers, statusUntil } from './support/opened.js'
import { allowAll, politely, ScriptedAdapter, wellBehaved } from './support/scripted-adapter.js'

const codeOf = (verdict: Verdict) => (verdict.kind === 'failed' ? verdict.error.code : verdict.kind)

/** Asks without a pause until told to stop; the answers that were no allow. */
function load(
  handler: PlacedHandler,
  lanes: number,
): { stop: () => Promise<readonly string[]>; asked: () => number } {
  let on = true
  let asked = 0
  const bad: string[] = []
  const lane = async () => {
    while (on) {
      asked += 1
      const verdict = await handler.check(command('allow'), asking())
      if (verdict.kind !== 'allow') bad.push(verdict.kind === 'failed' ? verdict.error.message : verdict.kind)
    }
  }
  const all = Promise.all(Array.from({ length: lanes }, lane))
  const stop = async () => {
    on = false
    await all
    return bad
  }
  return { stop, asked: () => asked }
}

t.test('a draining adapter gets nothing new, and its calls under way are answered', async t => {
  const answer: (() => void)[] = []
  const old = await ScriptedAdapter.listen((session, frame) => {
    politely(session, frame)
    if (frame.kind === 'calls') answer.push(() => allowAll(session, frame))
  })
  const next = await ScriptedAdapter.listen(wellBehaved)
  const handlers = new Handlers({ random: () => 0 })
  t.teardown(async () => {
    await handlers.close()
    old.close()
    next.close()
  })
  const handler = await handlers.open('session', [old.address, next.address])
  await statusUntil(handler, ({ endpoints }) => endpoints.every(endpoint => endpoint.state === 'ready'))
  const underWay = handler.check(command('allow'), asking())
  const session = old.sessions[0]
  await session?.frame('calls')
  session?.send({ kind: 'drain', reason: 'upgrade' })
  t.match(await session?.frame('drain'), { kind: 'drain' }, 'the host says that nothing new will come')
  t.equal(codeOf(await handler.check(command('allow'), asking())), 'allow', 'answered by the other')
  t.equal(session?.received.filter(frame => frame.kind === 'calls').length, 1)
  answer[0]?.()
  t.equal(codeOf(await underWay), 'allow', 'answered by the one that drains')
})

t.test('a rolling upgrade under load loses no check', async t => {
  const [one, two] = [socketPath(), socketPath()]
  let [first, second] = await Promise.all([
    serveContract({ address: one.address }),
    serveContract({ address: two.address }),
  ])
  const handlers = new Handlers()
  t.teardown(async () => {
    await handlers.close()
    await Promise.all([first.close(), second.close()])
    one.remove()
    two.remove()
  })
  const handler = await handlers.open('session', [one.address, two.address])
  const ready = () =>
    statusUntil(handler, ({ endpoints }) => endpoints.every(endpoint => endpoint.state === 'ready'))
  await ready()
  const { stop, asked } = load(handler, 8)
  await first.drain('upgrade')
  first = await serveContract({ address: one.address })
  await ready()
  await second.drain('upgrade')
  second = await serveContract({ address: two.address })
  await ready()
  t.same(await stop(), [])
  t.ok(asked() > 20, `${asked()} checks`)
})

t.test('an upgrade at the only address: calls wait for the successor', async t => {
  const { address, remove } = socketPath()
  let served = await serveContract({ address })
  const handlers = new Handlers({ timing: { patienceMs: 5_000 } })
  t.teardown(async () => {
    await handlers.close()
    await served.close()
    remove()
  })
  const handler = await handlers.open('session', [address])
  const { stop } = load(handler, 4)
  await served.drain('upgrade')
  served = await serveContract({ address })
  await statusUntil(handler, ({ endpoints }) => endpoints[0]?.state === 'ready')
  t.same(await stop(), [])
  t.equal(codeOf(await handler.check(command('allow'), asking())), 'allow')
})

t.test('calls that wait for a successor are given up at their deadline', async t => {
  const old = await ScriptedAdapter.listen(wellBehaved)
  const handlers = new Handlers({ timing: { patienceMs: 60_000, backoff: { firstMs: 10, maxMs: 10 } } })
  t.teardown(() => handlers.close())
  const handler = await handlers.open('session', [old.address])
  old.sessions[0]?.send({ kind: 'drain', reason: 'going' })
  await old.sessions[0]?.frame('drain')
  old.close()
  const keepAlive = setInterval(() => {}, 1_000)
  const verdict = await handler.check(command('allow'), asking({ timeoutMs: 100 }))
  clearInterval(keepAlive)
  t.equal(codeOf(verdict), 'ADAPTER_TIMEOUT')
})

t.test('a handler that is closed is taken away from the adapter; the last one ends the session', async t => {
  const adapter = await ScriptedAdapter.listen(wellBehaved)
  const handlers = new Handlers()
  t.teardown(() => adapter.close())
  const one = await handlers.open('session', [adapter.address], { id: 'one.handler.test' })
  const two = await handlers.open('session', [adapter.address], { id: 'two.handler.test' })
  t.equal(adapter.sessions.length, 1, 'handlers of one address share a session')
  await one.close(100)
  t.match(await adapter.sessions[0]?.frame('remove'), { handler: 1, generation: 1 })
  t.equal(codeOf(await two.check(command('x'), asking())), 'allow')
  await two.close(100)
  t.match(await adapter.sessions[0]?.frame('drain'), { kind: 'drain' })
  await adapter.sessions[0]?.ended
})

t.test('the same address with other credentials is another connection', async t => {
  const adapter = await ScriptedAdapter.listen(wellBehaved)
  const handlers = new Handlers()
  t.teardown(async () => {
    await handlers.close()
    adapter.close()
  })
  await handlers.open('session', [adapter.address], { id: 'one.handler.test' })
  await handlers.open('session', [adapter.address], {
    id: 'two.handler.test',
    connection: connection(adapter.address, { allowPlaintext: true }),
  })
  t.equal(adapter.sessions.length, 2)
})

t.test('a handler keeps its number across configurations, each a generation of its own', async t => {
  const adapter = await ScriptedAdapter.listen(wellBehaved)
  const handlers = new Handlers()
  t.teardown(async () => {
    await handlers.close()
    adapter.close()
  })
  await handlers.open('session', [adapter.address])
  await handlers.open('session', [adapter.address])
  const configured = adapter.sessions[0]?.received.flatMap(frame =>
    frame.kind === 'configure' ? [[frame.handler, frame.generation]] : [],
  )
  t.same(configured, [
    [1, 1],
    [1, 2],
  ])
})

t.test('settings go out once, never with a call', async t => {
  const adapter = await ScriptedAdapter.listen(wellBehaved)
  const handlers = new Handlers()
  t.teardown(async () => {
    await handlers.close()
    adapter.close()
  })
  const handler = await handlers.open('session', [adapter.address], { settings: { greeting: 'only once' } })
  await Promise.all(Array.from({ length: 50 }, () => handler.check(command('x'), asking())))
  const frames = adapter.sessions[0]?.received ?? []
  t.equal(frames.filter(frame => frame.kind === 'configure').length, 1)
  t.equal(frames.filter(frame => frame.kind === 'calls').length, 1, 'calls of one turn are one frame')
})
