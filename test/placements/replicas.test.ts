import type { Verdict } from '@outboard/adapters-sdk'
import t from 'tap'
import { systemClock } from '../../src/mixer/engine/clock.js'
import type { PlacedHandler } from '../../src/mixer/engine/ports.js'
import { asking, command, question } from '../contract/asking.js'
import { Handlers, statusUntil } from './support/opened.js'
import { allowAll, politely, type Script, ScriptedAdapter, wellBehaved } from './support/scripted-adapter.js'

const codeOf = (verdict: Verdict) => (verdict.kind === 'failed' ? verdict.error.code : verdict.kind)

/** An adapter that counts the calls it gets. */
function counting(answer: Script = wellBehaved): { script: Script; calls: () => number } {
  let calls = 0
  const script: Script = (session, frame) => {
    if (frame.kind === 'calls') calls += frame.calls.length
    answer(session, frame)
  }
  return { script, calls: () => calls }
}

/** Answers after a while; the delay can change. */
function delayed(delay: { ms: number }): Script {
  return (session, frame) => {
    politely(session, frame)
    if (frame.kind === 'calls') systemClock.after(delay.ms, () => allowAll(session, frame))
  }
}

const allReady = (handler: PlacedHandler) =>
  statusUntil(handler, status => status.endpoints.every(endpoint => endpoint.state === 'ready'))

async function ask(handler: PlacedHandler, count: number): Promise<string[]> {
  const verdicts = await Promise.all(
    Array.from({ length: count }, () => handler.check(command('x'), asking())),
  )
  return verdicts.map(codeOf)
}

t.test('calls are spread over the replicas', async t => {
  const [one, two] = [counting(), counting()]
  const adapters = await Promise.all([ScriptedAdapter.listen(one.script), ScriptedAdapter.listen(two.script)])
  const handlers = new Handlers()
  t.teardown(async () => {
    await handlers.close()
    for (const adapter of adapters) adapter.close()
  })
  const handler = await handlers.open(
    'session',
    adapters.map(adapter => adapter.address),
  )
  await allReady(handler)
  t.same(new Set(await ask(handler, 200)), new Set(['allow']))
  t.equal(one.calls() + two.calls(), 200)
  t.ok(Math.min(one.calls(), two.calls()) > 50, `${one.calls()} and ${two.calls()}`)
})

t.test('a call goes to the less busy of two replicas that chance names', async t => {
  const [busy, idle] = [counting(politely), counting()]
  const adapters = await Promise.all([
    ScriptedAdapter.listen(busy.script),
    ScriptedAdapter.listen(idle.script),
  ])
  const chance = { value: 0 }
  const handlers = new Handlers({ random: () => chance.value })
  t.teardown(async () => {
    await handlers.close()
    for (const adapter of adapters) adapter.close()
  })
  const handler = await handlers.open(
    'session',
    adapters.map(adapter => adapter.address),
  )
  await allReady(handler)
  // With 0, chance names the first one first; both are idle, so it gets the call and never answers.
  const endpoints = handler.status().endpoints
  const first = endpoints[0]?.address === adapters[0]?.address ? busy : idle
  void handler.check(command('x'), asking())
  await adapters[0]?.sessions[0]?.frame('calls')
  t.equal(first.calls(), 1)
  t.same(await ask(handler, 1), ['allow'], 'the next one goes to the other')
  t.equal(idle.calls(), 1)
})

t.test('calls move from a replica that dies to another, within their deadline', async t => {
  const [mortal, other] = [counting(politely), counting()]
  const adapters = await Promise.all([
    ScriptedAdapter.listen(mortal.script),
    ScriptedAdapter.listen(other.script),
  ])
  const handlers = new Handlers()
  t.teardown(async () => {
    await handlers.close()
    for (const adapter of adapters) adapter.close()
  })
  const handler = await handlers.open(
    'session',
    adapters.map(adapter => adapter.address),
  )
  await allReady(handler)
  const asked = ask(handler, 40)
  await adapters[0]?.sessions[0]?.frame('calls')
  adapters[0]?.close()
  t.same(new Set(await asked), new Set(['allow']))
  t.equal(other.calls(), 40, 'those that were lost were asked again')
  const status = await statusUntil(handler, ({ endpoints }) => endpoints[0]?.state === 'down')
  t.match(status.endpoints[0]?.reason, /ECONNREFUSED/)
  t.equal(status.endpoints[1]?.state, 'ready')
})

t.test('a report that was sent is not sent again; one that was not, is', async t => {
  const [mortal, other] = [counting(politely), counting(wellBehavedReports())]
  const adapters = await Promise.all([
    ScriptedAdapter.listen(mortal.script),
    ScriptedAdapter.listen(other.script),
  ])
  const handlers = new Handlers({ random: () => 0 })
  t.teardown(async () => {
    await handlers.close()
    for (const adapter of adapters) adapter.close()
  })
  const handler = await handlers.open(
    'session',
    adapters.map(adapter => adapter.address),
  )
  await allReady(handler)
  const metric = question('metric', { value: { type: 'INT64', value: 1n } })
  const sent = handler.report([metric], asking())
  await adapters[0]?.sessions[0]?.frame('calls')
  adapters[0]?.close()
  t.match(await sent, { code: 'ADAPTER_UNAVAILABLE' })
  t.equal(other.calls(), 0)
  t.equal(await handler.report([metric], asking()), undefined)
  t.equal(other.calls(), 1)
})

t.test('a quota is asked again only when the adapter can tell that it is the same', async t => {
  const [mortal, other] = [counting(politely), counting(wellBehavedQuotas())]
  const adapters = await Promise.all([
    ScriptedAdapter.listen(mortal.script),
    ScriptedAdapter.listen(other.script),
  ])
  const handlers = new Handlers({ random: () => 0 })
  t.teardown(async () => {
    await handlers.close()
    for (const adapter of adapters) adapter.close()
  })
  const handler = await handlers.open(
    'session',
    adapters.map(adapter => adapter.address),
  )
  await allReady(handler)
  const quota = question('quota', {})
  const amount = { amount: 1n, bestEffort: false }
  const named = handler.quota(quota, amount, asking({ dedupId: 'q-1' }))
  await adapters[0]?.sessions[0]?.frame('calls')
  adapters[0]?.close()
  t.match(await named, { kind: 'granted' })
  t.equal(other.calls(), 1)
})

t.test('a replica that is slow beside the others is set aside, probed, and brought back', async t => {
  const delay = { ms: 60 }
  const [slow, quick] = [counting(delayed(delay)), counting()]
  const adapters = await Promise.all([
    ScriptedAdapter.listen(slow.script),
    ScriptedAdapter.listen(quick.script),
  ])
  const handlers = new Handlers({ timing: { compareMs: 20, probeMs: 20 } })
  t.teardown(async () => {
    await handlers.close()
    for (const adapter of adapters) adapter.close()
  })
  const handler = await handlers.open(
    'session',
    adapters.map(adapter => adapter.address),
  )
  await allReady(handler)
  const slowOnes = () => handler.status().endpoints.filter(endpoint => endpoint.state === 'degraded')
  for (let round = 0; round < 100 && slowOnes().length === 0; round++) await ask(handler, 20)
  t.match(slowOnes(), [{ address: adapters[0]?.address, reason: /others in/ }])
  const before = slow.calls()
  for (let round = 0; round < 5; round++) await ask(handler, 20)
  t.ok(slow.calls() - before <= 5, `${slow.calls() - before} probes among 100 calls`)
  delay.ms = 0
  for (let round = 0; round < 500 && slowOnes().length > 0; round++) await ask(handler, 5)
  t.same(slowOnes(), [], 'it answers as the others do')
})

t.test('a replica that lets calls run out of time is set aside', async t => {
  const [silent, quick] = [counting(politely), counting()]
  const adapters = await Promise.all([
    ScriptedAdapter.listen(silent.script),
    ScriptedAdapter.listen(quick.script),
  ])
  const handlers = new Handlers({ timing: { compareMs: 10, probeMs: 60_000 } })
  t.teardown(async () => {
    await handlers.close()
    for (const adapter of adapters) adapter.close()
  })
  const handler = await handlers.open(
    'session',
    adapters.map(adapter => adapter.address),
  )
  await allReady(handler)
  const asideYet = () => handler.status().endpoints.some(endpoint => endpoint.state === 'degraded')
  while (!asideYet()) {
    // As a guard does: it stops waiting at the deadline, and says so.
    const asked = Array.from({ length: 40 }, async () => {
      const onCancel: { cancelled: (() => void) | undefined } = { cancelled: undefined }
      const timeout = asking({ timeoutMs: 150, onCancel })
      const stop = systemClock.after(160, () => onCancel.cancelled?.())
      await handler.check(command('x'), timeout)
      stop()
    })
    await Promise.all(asked)
  }
  t.match(handler.status().endpoints[0], {
    state: 'degraded',
    reason: /calls in a row had no answer in time/,
  })
  const before = silent.calls()
  t.same(new Set(await ask(handler, 20)), new Set(['allow']))
  t.equal(silent.calls(), before)
})

t.test('when no replica is left, calls fail at once and say why', async t => {
  const adapter = await ScriptedAdapter.listen(wellBehaved)
  const handlers = new Handlers()
  t.teardown(() => handlers.close())
  const handler = await handlers.open('session', [adapter.address])
  t.same(await ask(handler, 1), ['allow'])
  adapter.close()
  await statusUntil(handler, ({ endpoints }) => endpoints[0]?.state === 'down')
  const verdict = await handler.check(command('x'), asking({ timeoutMs: 60_000 }))
  t.equal(codeOf(verdict), 'ADAPTER_UNAVAILABLE')
  t.match(verdict.kind === 'failed' && verdict.error.message, /h\.handler\.test.*ECONNREFUSED/s)
})

t.test('a replica that comes back is used again', async t => {
  const first = await ScriptedAdapter.listen(wellBehaved)
  const handlers = new Handlers()
  const handler = await handlers.open('session', [first.address])
  first.close()
  await statusUntil(handler, ({ endpoints }) => endpoints[0]?.state === 'down')
  const second = await ScriptedAdapter.listen(wellBehaved, first.address)
  t.teardown(async () => {
    await handlers.close()
    second.close()
  })
  await allReady(handler)
  t.same(await ask(handler, 3), ['allow', 'allow', 'allow'])
})

function wellBehavedReports(): Script {
  return (session, frame) => {
    politely(session, frame)
    if (frame.kind !== 'calls') return
    const results = frame.calls.map(({ id }) => ({ kind: 'reported', id }) as const)
    session.send({ kind: 'results', results, credits: results.length })
  }
}

function wellBehavedQuotas(): Script {
  return (session, frame) => {
    politely(session, frame)
    if (frame.kind !== 'calls') return
    const grant = { kind: 'granted', amount: 1n, validForMs: 0 } as const
    const results = frame.calls.map(({ id }) => ({ kind: 'grant', id, grant }) as const)
    session.send({ kind: 'results', results, credits: results.length })
  }
}

t.test('calls that wait for a silent replica are asked at the other', async t => {
  const [silent, quick] = [counting(politely), counting()]
  const adapters = await Promise.all([
    ScriptedAdapter.listen(silent.script),
    ScriptedAdapter.listen(quick.script),
  ])
  const handlers = new Handlers({ timing: { compareMs: 10, probeMs: 60_000 } })
  t.teardown(async () => {
    await handlers.close()
    for (const adapter of adapters) adapter.close()
  })
  const handler = await handlers.open(
    'session',
    adapters.map(adapter => adapter.address),
  )
  await allReady(handler)
  const asked = Array.from({ length: 100 }, () => handler.check(command('x'), asking({ timeoutMs: 60_000 })))
  const verdicts = await Promise.all(asked)
  t.same(new Set(verdicts.map(({ kind }) => kind)), new Set(['allow']))
  t.ok(silent.calls() > 0, `${silent.calls()} calls went to the silent one first`)
  t.match(handler.status().endpoints[0], { state: 'degraded', reason: /no answer for .* though calls wait/ })
})
