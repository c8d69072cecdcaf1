import { allow, deny } from '@outboard/adapters-sdk'
import t from 'tap'
import { AttributeCache } from '../../src/cache/index.js'
import { CountingTelemetry } from '../support/counting-telemetry.js'
import { ManualClock, settled } from '../support/manual-clock.js'
import { action, bagOf, handlerSpec, instance, type RuleScript } from './scripted.js'
import { checkRequest, started } from './start.js'

const rule = (name: string, handlerId: string, more: Partial<RuleScript> = {}): RuleScript => ({
  name,
  actions: [{ phase: 'check', action: action(handlerSpec(handlerId), instance(`i-${name}`, 'CHECK')) }],
  ...more,
})

t.test('a check that no rule concerns is allowed for 60 s and 10,000 uses', async t => {
  const { engine } = await started({}, [])
  const answer = await engine.pin().check(bagOf({ user: 'ann' }), checkRequest())
  t.match(answer, { kind: 'decided', code: 0, validForMs: 60_000, validUses: 10_000, fromCache: false })
})

t.test('verdicts combine in rule order, whatever the order of arrival', async t => {
  let release: (() => void) | undefined
  const gate = new Promise<void>(resolve => {
    release = resolve
  })
  const { engine } = await started(
    {
      slow: {
        check: () => gate.then(() => deny('NOT_FOUND', 'slow says no', { validForMs: 9_000, validUses: 5 })),
      },
      fast: { check: () => deny('PERMISSION_DENIED', 'fast says no', { validForMs: 3_000, validUses: 50 }) },
    },
    [rule('one', 'slow'), rule('two', 'fast')],
  )
  const asked = engine.pin().check(bagOf({ user: 'ann' }), checkRequest())
  await settled()
  release?.()
  t.match(await asked, {
    kind: 'decided',
    code: 5,
    message: 'slow:slow says no, fast:fast says no',
    validForMs: 3_000,
    validUses: 5,
  })
})

t.test('caching keeps its three meanings apart', async t => {
  const cases = [
    { name: 'no opinion leaves the default', verdicts: [allow()], forMs: 60_000, uses: 10_000 },
    {
      name: 'no opinion leaves the others',
      verdicts: [allow(), allow({ validForMs: 5_000, validUses: 7 })],
      forMs: 5_000,
      uses: 7,
    },
    {
      name: 'do not cache beats a validity',
      verdicts: [allow({ validForMs: 5_000 }), allow({ doNotCache: true })],
      forMs: 0,
      uses: 0,
    },
    {
      name: 'without limit gives way to a limit',
      verdicts: [allow({ validForMs: 5_000 }), allow({ validForMs: 9_000, validUses: 3 })],
      forMs: 5_000,
      uses: 3,
    },
    { name: 'a denial without opinion is not reused', verdicts: [deny('ABORTED', 'no')], forMs: 0, uses: 0 },
  ]
  for (const { name, verdicts, forMs, uses } of cases) {
    const handlers = Object.fromEntries(
      verdicts.map((verdict, index) => [`h${index}`, { check: () => verdict }]),
    )
    const { engine } = await started(
      handlers,
      verdicts.map((_, index) => rule(`r${index}`, `h${index}`)),
    )
    const answer = await engine.pin().check(bagOf({ user: 'ann' }), checkRequest())
    t.match(answer, { validForMs: forMs, validUses: uses }, name)
  }
})

t.test('a direct response becomes a directive; its status follows the code when it has none', async t => {
  const { engine } = await started(
    {
      h: {
        check: () =>
          deny('UNAUTHENTICATED', 'who?', {
            direct: {
              body: 'log in',
              headers: [
                ['Set-Cookie', 'a=1'],
                ['X-Why', 'anonymous'],
              ],
            },
          }),
      },
    },
    [rule('r', 'h')],
  )
  const answer = await engine.pin().check(bagOf({ user: 'ann' }), checkRequest())
  t.same(answer.kind === 'decided' && answer.directive, {
    directStatus: 401,
    directBody: 'log in',
    operations: [
      { on: 'response', operation: 'append', name: 'set-cookie', value: 'a=1' },
      { on: 'response', operation: 'replace', name: 'x-why', value: 'anonymous' },
    ],
  })
})

t.test('header operations of handlers are applied when the whole check is allowed', async t => {
  const headers = [{ on: 'request', operation: 'replace', name: 'x-seen', value: 'yes' }] as const
  const allowing = { check: () => allow({ headers }) }
  const refusing = { check: () => deny('ABORTED', 'no') }
  const alone = await started({ h: allowing }, [rule('r', 'h')])
  const allowed = await alone.engine.pin().check(bagOf({ user: 'ann' }), checkRequest())
  t.same(allowed.kind === 'decided' && allowed.directive?.operations, headers)
  const both = await started({ h: allowing, no: refusing }, [rule('r', 'h'), rule('s', 'no')])
  const denied = await both.engine.pin().check(bagOf({ user: 'ann' }), checkRequest())
  t.equal(denied.kind === 'decided' && denied.directive, undefined)
})

t.test('a shadow rule is asked and counted, and changes nothing', async t => {
  const { engine, telemetry, handler } = await started(
    { h: { check: () => deny('ABORTED', 'no', { validForMs: 1 }) } },
    [rule('r', 'h', { rule: { enforcement: 'shadow' } })],
  )
  const answer = await engine.pin().check(bagOf({ user: 'ann' }), checkRequest())
  await settled()
  t.match(answer, { code: 0, validForMs: 60_000 })
  t.equal(handler('h').asked, 1)
  t.equal(telemetry.count('outboard_rule_shadow_verdicts_total', { rule: 'r', verdict: 'deny' }), 1)
})

t.test('a shadow rule is asked for each request, also when there is a cache', async t => {
  const cache = new AttributeCache({}, new ManualClock(), new CountingTelemetry())
  const { engine, handler } = await started(
    {
      shadow: { check: () => deny('ABORTED', 'no', { validForMs: 1 }) },
      h: { check: () => allow({ validForMs: 9_000 }) },
    },
    [rule('r', 'shadow', { rule: { enforcement: 'shadow' } }), rule('s', 'h')],
    { cache },
  )
  for (let nth = 0; nth < 3; nth++) await engine.pin().check(bagOf({ user: 'ann' }), checkRequest())
  await settled()
  t.equal(handler('shadow').asked, 3)
  t.equal(handler('h').asked, 1, 'the verdicts of other rules are kept all the same')
})

t.test('a match without a value skips its rule, or leaves the check undecided, as the rule says', async t => {
  const when = { attribute: 'path', equals: '/' }
  const skipping = await started({ h: { check: () => deny('ABORTED', 'no') } }, [rule('r', 'h', { when })])
  t.match(await skipping.engine.pin().check(bagOf({ user: 'ann' }), checkRequest()), { code: 0 })
  t.equal(skipping.telemetry.count('outboard_rule_match_failures_total', { rule: 'r' }), 1)
  const failing = await started({ h: {} }, [rule('r', 'h', { when, rule: { onMatchFailure: 'fail' } })])
  t.match(await failing.engine.pin().check(bagOf({ user: 'ann' }), checkRequest()), {
    kind: 'undecided',
    reason: 'CHECK_FAILED',
  })
})

t.test('an instance that cannot be filled in leaves the check undecided', async t => {
  const { engine, handler } = await started({ h: { check: () => allow() } }, [rule('r', 'h')])
  const answer = await engine.pin().check(bagOf({ path: '/' }), checkRequest())
  t.match(answer, { kind: 'undecided', reason: 'CHECK_FAILED', message: /lookup failed: 'user'/ })
  t.equal(handler('h').asked, 0)
})

t.test('what was looked at is in the answer', async t => {
  const { engine } = await started({ h: { check: () => allow() } }, [
    rule('r', 'h', { when: { attribute: 'path', equals: '/' } }),
  ])
  const bag = bagOf({ user: 'ann', path: '/' })
  const answer = await engine.pin().check(bag, checkRequest())
  t.same(answer.kind === 'decided' && answer.references.print(bag.vocabulary), ['path', 'user'])
})

t.test('the caller that goes away frees its calls at once', async t => {
  const { engine, telemetry } = await started({ h: { check: () => new Promise(() => {}) } }, [rule('r', 'h')])
  const hook: { cancelled: (() => void) | undefined } = { cancelled: undefined }
  const asked = engine.pin().check(bagOf({ user: 'ann' }), checkRequest({ onCancel: hook }))
  await settled()
  hook.cancelled?.()
  t.match(await asked, { kind: 'undecided' })
  t.equal(
    telemetry.count('outboard_handler_calls_total', {
      handler: 'h',
      adapter: 'scripted',
      placement: 'scripted',
      verb: 'check',
      outcome: 'ADAPTER_CANCELLED',
    }),
    1,
  )
})

t.test('admission sheds what is beyond its bound', async t => {
  const { engine } = await started({ h: { check: () => new Promise(() => {}) } }, [rule('r', 'h')], {
    options: { maxInFlight: 1 },
  })
  void engine.pin().check(bagOf({ user: 'ann' }), checkRequest())
  t.match(await engine.pin().check(bagOf({ user: 'bob' }), checkRequest()), {
    kind: 'undecided',
    reason: 'OVERLOADED',
  })
})
