import { AdapterError, allow, deny } from '@outboard/adapters-sdk'
import t from 'tap'
import type { FailurePolicy } from '../../src/mixer/config/handler-spec.js'
import type { CancelHook } from '../../src/mixer/engine/ports.js'
import { settled } from '../support/manual-clock.js'
import { action, bagOf, handlerSpec, instance, type Script } from './scripted.js'
import { checkRequest, started } from './start.js'

const failing: Script = {
  check: () => ({ kind: 'failed', error: new AdapterError('ADAPTER_UNAVAILABLE', 'gone') }),
}

function ruleWith(onFailure: FailurePolicy, id = 'h', breaker = { failures: 3, openMs: 1_000 }) {
  const handler = handlerSpec(id, { guardWith: { onFailure, breaker } })
  return {
    name: `r-${id}`,
    actions: [{ phase: 'check' as const, action: action(handler, instance('i', 'CHECK')) }],
  }
}

t.test('policy caller: the check is undecided, so that the proxy decides', async t => {
  const { engine } = await started({ h: failing }, [ruleWith({ kind: 'caller' })])
  const answer = await engine.pin().check(bagOf({ user: 'ann' }), checkRequest())
  t.match(answer, { kind: 'undecided', reason: 'CHECK_FAILED', message: 'gone' })
})

t.test('policy open: as if allowed, and not to be kept', async t => {
  const { engine, telemetry } = await started({ h: failing }, [ruleWith({ kind: 'open' })])
  const answer = await engine.pin().check(bagOf({ user: 'ann' }), checkRequest())
  t.match(answer, { kind: 'decided', code: 0, validForMs: 0, validUses: 0 })
  t.equal(telemetry.count('outboard_failure_policy_total', { handler: 'h', policy: 'open' }), 1)
})

t.test('policy closed: a denial, UNAVAILABLE', async t => {
  const { engine } = await started({ h: failing }, [ruleWith({ kind: 'closed' })])
  const answer = await engine.pin().check(bagOf({ user: 'ann' }), checkRequest())
  t.match(answer, { kind: 'decided', code: 14, message: 'h:the adapter could not be asked' })
})

t.test('a denial by one handler settles the check, even when another could not answer', async t => {
  const { engine } = await started({ h: failing, no: { check: () => deny('ABORTED', 'no') } }, [
    ruleWith({ kind: 'caller' }),
    ruleWith({ kind: 'caller' }, 'no'),
  ])
  t.match(await engine.pin().check(bagOf({ user: 'ann' }), checkRequest()), { kind: 'decided', code: 10 })
})

t.test('a handler that does not answer fails at its deadline', async t => {
  const { engine, clock, telemetry } = await started({ h: { check: () => new Promise(() => {}) } }, [
    ruleWith({ kind: 'closed' }),
  ])
  const asked = engine.pin().check(bagOf({ user: 'ann' }), checkRequest())
  await settled()
  clock.advance(100)
  t.match(await asked, { kind: 'decided', code: 14 })
  t.equal(
    telemetry.count('outboard_handler_calls_total', {
      handler: 'h',
      adapter: 'scripted',
      placement: 'scripted',
      verb: 'check',
      outcome: 'ADAPTER_TIMEOUT',
    }),
    1,
  )
  t.equal(clock.pending, 0, 'no timer is left')
})

t.test('an answer that comes late is dropped', async t => {
  let release: (() => void) | undefined
  const gate = new Promise<void>(resolve => {
    release = resolve
  })
  const { engine, clock } = await started({ h: { check: () => gate.then(() => allow()) } }, [
    ruleWith({ kind: 'closed' }),
  ])
  const asked = engine.pin().check(bagOf({ user: 'ann' }), checkRequest())
  await settled()
  clock.advance(100)
  t.match(await asked, { code: 14 })
  release?.()
  await settled()
  t.equal(engine.status().handlers[0]?.callsInFlight, 0)
})

t.test('a handler that throws is a failed verdict, not a crash', async t => {
  const { engine } = await started({ h: {} }, [ruleWith({ kind: 'closed' })])
  t.match(await engine.pin().check(bagOf({ user: 'ann' }), checkRequest()), { kind: 'decided', code: 14 })
})

t.test('the breaker opens after failures in a row, and one call at a time tries again', async t => {
  let answer: Script['check'] = failing.check
  const { engine, clock, handler } = await started({ h: { check: nth => answer?.(nth) ?? allow() } }, [
    ruleWith({ kind: 'closed' }),
  ])
  const check = () => engine.pin().check(bagOf({ user: 'ann' }), checkRequest())
  for (let nth = 0; nth < 3; nth++) await check()
  t.equal(engine.status().handlers[0]?.breaker, 'open')
  await check()
  t.equal(handler('h').asked, 3, 'an open breaker asks nothing')
  clock.advance(1_000)
  await check()
  t.equal(handler('h').asked, 4, 'one call tries')
  await check()
  t.equal(handler('h').asked, 4, 'its failure opens the breaker again')
  clock.advance(1_000)
  answer = () => allow()
  t.match(await check(), { code: 0 })
  t.equal(engine.status().handlers[0]?.breaker, 'closed')
})

t.test(
  'what a policy decides comes before the deadline of the caller, a tenth of its time at most 50 ms',
  async t => {
    for (const [allMs, leftMs] of [
      [20, 2],
      [90, 9],
      [5, 1],
    ] as const) {
      const { engine, clock } = await started({ h: { check: () => new Promise(() => {}) } }, [
        ruleWith({ kind: 'closed' }),
      ])
      const deadline = clock.now() + allMs
      let answer: unknown
      void engine
        .pin()
        .check(bagOf({ user: 'ann' }), checkRequest({ deadline }))
        .then(given => {
          answer = given
        })
      clock.advance(allMs - leftMs - 0.5)
      await settled()
      t.equal(answer, undefined)
      clock.advance(0.5)
      await settled()
      t.match(answer, { kind: 'decided', code: 14 }, `${leftMs} ms before the end of ${allMs}`)
    }
  },
)

t.test('with policy caller a check that is cut off says so', async t => {
  const { engine, clock } = await started({ h: { check: () => new Promise(() => {}) } }, [
    ruleWith({ kind: 'caller' }),
  ])
  const asked = engine.pin().check(bagOf({ user: 'ann' }), checkRequest({ deadline: clock.now() + 10 }))
  await settled()
  clock.advance(10)
  t.match(await asked, { kind: 'undecided', reason: 'DEADLINE' })
})

t.test('an adapter is not asked for a caller that has no time left, or has gone', async t => {
  const onCancel: CancelHook = { cancelled: undefined }
  const { engine, clock, handler } = await started({ h: { check: () => allow() } }, [
    ruleWith({ kind: 'closed' }),
  ])
  t.match(await engine.pin().check(bagOf({ user: 'ann' }), checkRequest({ deadline: clock.now() })), {
    code: 14,
  })
  const leaving: Script = {
    produce: () => {
      onCancel.cancelled?.()
      return { output: {}, validForMs: undefined }
    },
  }
  const producer = {
    name: 'p',
    actions: [
      { phase: 'produce' as const, action: action(handlerSpec('p'), instance('i', 'ATTRIBUTE_GENERATOR')) },
    ],
  }
  const other = await started({ p: leaving, h: { check: () => allow() } }, [
    producer,
    ruleWith({ kind: 'closed' }),
  ])
  await other.engine.pin().check(bagOf({ user: 'ann' }), checkRequest({ onCancel }))
  t.equal(handler('h').asked, 0)
  t.equal(other.handler('h').asked, 0)
})

t.test('the callers own short deadline does not open the breaker', async t => {
  const { engine, clock } = await started({ h: { check: () => new Promise(() => {}) } }, [
    ruleWith({ kind: 'open' }),
  ])
  for (let nth = 0; nth < 5; nth++) {
    const asked = engine.pin().check(bagOf({ user: 'ann' }), checkRequest({ deadline: clock.now() + 10 }))
    await settled()
    clock.advance(10)
    await asked
  }
  t.equal(engine.status().handlers[0]?.breaker, 'closed')
})

t.test('calls beyond the bound of one handler fail at once', async t => {
  const { engine, telemetry } = await started({ h: { check: () => new Promise(() => {}) } }, [
    ruleWith({ kind: 'open' }),
  ])
  for (let nth = 0; nth < 10; nth++) void engine.pin().check(bagOf({ user: 'ann' }), checkRequest())
  t.match(await engine.pin().check(bagOf({ user: 'ann' }), checkRequest()), { code: 0, validUses: 0 })
  t.equal(
    telemetry.count('outboard_handler_calls_total', {
      handler: 'h',
      adapter: 'scripted',
      placement: 'scripted',
      verb: 'check',
      outcome: 'ADAPTER_OVERLOADED',
    }),
    1,
  )
})
