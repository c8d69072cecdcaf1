import type { Verdict } from '@outboard/adapters-sdk'
import { defaultLimits } from '@outboard/adapters-sdk/protocol'
import t from 'tap'
import { asking, command } from '../contract/asking.js'
import { Handlers, statusUntil } from './support/opened.js'
import {
  allowAll,
  hello,
  politely,
  type Script,
  ScriptedAdapter,
  wellBehaved,
} from './support/scripted-adapter.js'

const codeOf = (verdict: Verdict) => (verdict.kind === 'failed' ? verdict.error.code : verdict.kind)

/** A scripted adapter and handlers, both gone at the end of the test. */
async function start(
  t: { teardown(run: () => Promise<void>): unknown },
  script: Script,
  handlers = new Handlers(),
) {
  const adapter = await ScriptedAdapter.listen(script)
  t.teardown(async () => {
    await handlers.close()
    adapter.close()
  })
  return { adapter, handlers }
}

const refusing =
  (refusal: { retryable: boolean; times: number }): Script =>
  (session, frame) => {
    if (frame.kind === 'configure' && refusal.times-- > 0) {
      const problems = [{ path: 'a.b', message: 'is wrong' }]
      const { handler, generation } = frame
      session.send({ kind: 'refused', handler, generation, problems, retryable: refusal.retryable })
    } else wellBehaved(session, frame)
  }

t.test('settings that the adapter refuses do not go live, and the reason names the field', async t => {
  const { adapter, handlers } = await start(t, refusing({ retryable: false, times: 1 }))
  t.same(await handlers.tryOpen('session', [adapter.address]), {
    kind: 'refused',
    problems: [{ path: 'a.b', message: 'is wrong' }],
  })
  await adapter.sessions[0]?.ended
})

t.test('a refusal for now is asked again, and its handler opens', async t => {
  const { adapter, handlers } = await start(t, refusing({ retryable: true, times: 2 }))
  const handler = await handlers.open('session', [adapter.address])
  t.match(handler.status().endpoints[0], { state: 'connecting', reason: /settings refused: a\.b: is wrong/ })
  t.match(await handler.check(command('x'), asking()), {
    kind: 'failed',
    error: { message: /a\.b: is wrong/ },
  })
  await statusUntil(handler, ({ endpoints }) => endpoints[0]?.state === 'ready')
  t.equal(codeOf(await handler.check(command('x'), asking())), 'allow')
})

t.test('an adapter that takes its time: the handler opens, and its calls wait', async t => {
  let answer = () => {}
  const slow: Script = (session, frame) => {
    if (frame.kind !== 'configure') wellBehaved(session, frame)
    else answer = () => session.send({ kind: 'ready', handler: frame.handler, generation: frame.generation })
  }
  const { adapter, handlers } = await start(t, slow, new Handlers({ timing: { openMs: 20 } }))
  const handler = await handlers.open('session', [adapter.address])
  await statusUntil(handler, ({ endpoints }) => endpoints[0]?.reason === 'the adapter looks at the settings')
  t.equal(handler.status().endpoints[0]?.state, 'connecting')
  const asked = handler.check(command('x'), asking())
  await adapter.sessions[0]?.frame('configure')
  answer()
  t.equal(codeOf(await asked), 'allow')
})

t.test('an adapter that never answers the settings is asked again', async t => {
  let asked = 0
  const forgetful: Script = (session, frame) => {
    if (frame.kind === 'configure' && asked++ === 0) return
    wellBehaved(session, frame)
  }
  const { adapter, handlers } = await start(t, forgetful, new Handlers({ timing: { configureMs: 20 } }))
  const handler = await handlers.open('session', [adapter.address])
  await statusUntil(handler, ({ endpoints }) => endpoints[0]?.state === 'ready')
  t.match(
    await adapter.sessions[0]?.frame('remove'),
    { handler: 1, generation: 1 },
    'the first was taken back',
  )
  t.equal(adapter.sessions.length, 1)
})

t.test('an adapter that is known to be away makes nobody wait', async t => {
  const handlers = new Handlers({ timing: { openMs: 60_000 } })
  t.teardown(() => handlers.close())
  const first = await handlers.open('session', ['unix:/nowhere/at/all'], { id: 'one.handler.test' })
  await statusUntil(first, ({ endpoints }) => endpoints[0]?.state === 'down')
  const second = await handlers.open('session', ['unix:/nowhere/at/all'], { id: 'two.handler.test' })
  const verdict = await second.check(command('x'), asking({ timeoutMs: 60_000 }))
  t.equal(codeOf(verdict), 'ADAPTER_UNAVAILABLE')
})

t.test('what the adapter does not announce is refused before it is asked', async t => {
  const { templates, adapters } = hello()
  const quotaOnly = adapters.map(adapter => ({ ...adapter, templates: [3] }))
  const narrow: Script = (session, frame) => {
    if (frame.kind === 'hello') session.send(hello({ templates, adapters: quotaOnly }))
    else politely(session, frame)
  }
  const one = await start(t, narrow)
  t.match(await one.handlers.tryOpen('session', [one.adapter.address]), {
    kind: 'refused',
    problems: [
      { path: 'instances', message: /"contract" does not serve template "listentry", "checkproducer"/ },
    ],
  })
  const others = ['left', 'right'].map(name => ({ ...adapters[0]!, name }))
  const several: Script = (session, frame) => {
    if (frame.kind === 'hello') session.send(hello({ adapters: others }))
    else politely(session, frame)
  }
  const two = await start(t, several)
  t.match(await two.handlers.tryOpen('session', [two.adapter.address]), {
    kind: 'refused',
    problems: [{ path: 'adapter', message: /serves "left", "right", not "contract"/ }],
  })
  const chosen = await two.handlers.open('session', [two.adapter.address], { adapter: 'right' })
  t.match(chosen.status().endpoints[0], { state: 'ready' })
  t.match(await two.adapter.sessions.at(-1)?.frame('configure'), { adapter: 'right' })
})

t.test('settings beyond the adapter limits are refused before they are sent', async t => {
  const small: Script = (session, frame) => {
    if (frame.kind === 'hello') session.send(hello({ limits: { ...defaultLimits, settingsBytes: 64 } }))
    else politely(session, frame)
  }
  const { adapter, handlers } = await start(t, small)
  const opened = await handlers.tryOpen('session', [adapter.address], {
    settings: { greeting: 'x'.repeat(64) },
  })
  t.match(opened, { kind: 'refused', problems: [{ message: /have 79 bytes; the adapter takes 64/ }] })
  const circular: { self?: unknown } = {}
  circular.self = circular
  t.match(await handlers.tryOpen('session', [adapter.address], { settings: circular }), {
    kind: 'refused',
    problems: [{ message: /not JSON/ }],
  })
})

t.test('more handlers than the adapter takes wait for room', async t => {
  const single: Script = (session, frame) => {
    if (frame.kind === 'hello') session.send(hello({ limits: { ...defaultLimits, handlers: 1 } }))
    else if (frame.kind === 'calls') allowAll(session, frame)
    else politely(session, frame)
  }
  const { adapter, handlers } = await start(t, single)
  const first = await handlers.open('session', [adapter.address], { id: 'one.handler.test' })
  const second = await handlers.open('session', [adapter.address], { id: 'two.handler.test' })
  t.match(second.status().endpoints[0], { state: 'connecting', reason: /takes 1 handlers, no more/ })
  await first.close(100)
  await statusUntil(second, ({ endpoints }) => endpoints[0]?.state === 'ready')
  t.equal(codeOf(await second.check(command('x'), asking())), 'allow')
})

t.test('an adapter that refuses after an upgrade what it took before: calls fail and say so', async t => {
  const first = await ScriptedAdapter.listen(wellBehaved)
  const handlers = new Handlers()
  const handler = await handlers.open('session', [first.address])
  first.close()
  await statusUntil(handler, ({ endpoints }) => endpoints[0]?.state === 'down')
  const second = await ScriptedAdapter.listen(refusing({ retryable: false, times: 1 }), first.address)
  t.teardown(async () => {
    await handlers.close()
    second.close()
  })
  await statusUntil(handler, ({ endpoints }) => /settings refused/.test(endpoints[0]?.reason ?? ''))
  t.match(await handler.check(command('x'), asking()), {
    kind: 'failed',
    error: { code: 'ADAPTER_UNCONFIGURED', message: /a\.b: is wrong/ },
  })
  t.equal(handler.status().endpoints[0]?.state, 'down')
})
