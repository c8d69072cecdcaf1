import { AdapterError, type Grant, granted } from '@outboard/adapters-sdk'
import t from 'tap'
import type { FailurePolicy } from '../../src/mixer/config/handler-spec.js'
import type { CancelHook } from '../../src/mixer/engine/ports.js'
import { action, bagOf, handlerSpec, instance, type RuleScript } from './scripted.js'
import { checkRequest, started } from './start.js'

const rule = (
  handlerId: string,
  instanceName = 'requests',
  onFailure: FailurePolicy = { kind: 'caller' },
  more: Partial<RuleScript> = {},
): RuleScript => ({
  name: `r-${handlerId}`,
  actions: [
    {
      phase: 'quota',
      action: action(handlerSpec(handlerId, { guardWith: { onFailure } }), instance(instanceName, 'QUOTA')),
    },
  ],
  ...more,
})

const asking = (more = {}) =>
  checkRequest({ quotas: [{ name: 'Requests', amount: 5n, bestEffort: false }], ...more })

async function quotaOf(
  handlers: Parameters<typeof started>[0],
  rules: readonly RuleScript[],
  request = asking(),
) {
  const { engine } = await started(handlers, rules)
  const answer = await engine.pin().check(bagOf({ user: 'ann', path: '/' }), request)
  return answer.kind === 'decided' ? answer.quotas[0] : undefined
}

t.test('a quota is found by short name, ignoring case, and granted by its handler', async t => {
  const quota = await quotaOf({ h: { quota: (_, amount) => granted(amount, 1_000) } }, [rule('h')])
  t.match(quota, { name: 'Requests', code: 0, amount: 5n, validForMs: 1_000 })
})

t.test('a quota that no rule knows is granted whole for 60 s', async t => {
  t.match(await quotaOf({ h: {} }, [rule('h', 'other')]), { code: 0, amount: 5n, validForMs: 60_000 })
})

t.test('of several handlers the smallest grant counts', async t => {
  const quota = await quotaOf(
    { a: { quota: () => granted(5, 1_000) }, b: { quota: () => granted(2, 400) } },
    [rule('a'), rule('b')],
  )
  t.match(quota, { amount: 2n, validForMs: 400 })
})

t.test('of a release the adapters answer counts, the smallest of several', async t => {
  const release = checkRequest({ quotas: [{ name: 'requests', amount: -50n, bestEffort: false }] })
  const handlers = { a: { quota: () => granted(-3) }, b: { quota: () => granted(-5) } }
  t.match(await quotaOf(handlers, [rule('b')], release), { code: 0, amount: -5n })
  t.match(await quotaOf(handlers, [rule('a'), rule('b')], release), { code: 0, amount: -3n })
})

t.test('a grant above what was asked is given as it is', async t => {
  t.match(await quotaOf({ h: { quota: () => granted(100) } }, [rule('h')]), { code: 0, amount: 100n })
})

t.test('a caller who has gone is charged nothing more', async t => {
  const onCancel: CancelHook = { cancelled: undefined }
  let charged = 0
  const handler = {
    quota: (_: number, amount: bigint) => {
      if (charged++ === 0) onCancel.cancelled?.()
      return granted(amount)
    },
  }
  const names = ['requests', 'REQUESTS', 'Requests']
  const { engine } = await started({ h: handler }, [rule('h')])
  const quotas = names.map(name => ({ name, amount: 5n, bestEffort: false }))
  const answer = await engine.pin().check(bagOf({ user: 'ann' }), checkRequest({ quotas, onCancel }))
  t.match(answer, { kind: 'undecided' })
  t.equal(charged, 1)
})

t.test('a rule that does not match does not overrule one that does', async t => {
  const elsewhere = { when: { attribute: 'path', equals: '/elsewhere' } }
  const quota = await quotaOf({ a: { quota: () => granted(5) }, b: { quota: () => granted(0) } }, [
    rule('a', 'requests', { kind: 'caller' }, elsewhere),
    rule('b'),
  ])
  t.match(quota, { amount: 0n })
})

t.test('a refusal carries its code and who refused', async t => {
  const refused: Grant = { kind: 'refused', code: 8, message: 'empty', validForMs: 20 }
  t.match(await quotaOf({ h: { quota: () => refused } }, [rule('h')]), {
    code: 8,
    message: 'h:empty',
    amount: 0n,
    validForMs: 20,
  })
})

t.test('a quota that could not be asked follows the failure policy', async t => {
  const gone = {
    quota: (): Grant => ({ kind: 'failed', error: new AdapterError('ADAPTER_UNAVAILABLE', 'gone') }),
  }
  t.match(await quotaOf({ h: gone }, [rule('h')]), { code: 13, amount: 0n }, 'caller: nobody decided')
  t.match(await quotaOf({ h: gone }, [rule('h', 'requests', { kind: 'closed' })]), { code: 8, amount: 0n })
  t.match(await quotaOf({ h: gone }, [rule('h', 'requests', { kind: 'open' })]), { code: 0, amount: 5n })
})

t.test(
  'the adapter sees the callers id and the quota name; without an id every call has its own',
  async t => {
    const ids: string[] = []
    const handler = {
      quota: (_: number, amount: bigint, dedupId: string) => {
        ids.push(dedupId)
        return granted(amount)
      },
    }
    const { engine } = await started({ h: handler }, [rule('h')])
    const check = (deduplicationId: string) =>
      engine.pin().check(bagOf({ user: 'ann' }), asking({ deduplicationId }))
    await check('id-1')
    await check('id-1')
    await check('')
    await check('')
    t.same(ids.slice(0, 2), ['id-1Requests', 'id-1Requests'])
    t.not(ids[2], ids[3])
  },
)

t.test('a shadow rule uses no units up', async t => {
  const { engine, handler } = await started({ h: { quota: () => granted(0) } }, [
    rule('h', 'requests', { kind: 'caller' }, { rule: { enforcement: 'shadow' } }),
  ])
  const answer = await engine.pin().check(bagOf({ user: 'ann' }), asking())
  t.match(answer.kind === 'decided' && answer.quotas[0], { amount: 5n })
  t.equal(handler('h').asked, 0)
})

t.test('a quota has references of its own', async t => {
  const { engine } = await started(
    {
      h: { quota: () => granted(5) },
      c: {
        check: () => ({
          kind: 'allow',
          caching: { kind: 'no-opinion' },
          headers: [],
          metadata: {},
          output: {},
          cacheKeys: [],
        }),
      },
    },
    [
      rule('h'),
      {
        name: 'c',
        actions: [{ phase: 'check', action: action(handlerSpec('c'), instance('i', 'CHECK', 'path')) }],
      },
    ],
  )
  const bag = bagOf({ user: 'ann', path: '/' })
  const answer = await engine.pin().check(bag, asking())
  if (answer.kind !== 'decided') return t.fail('undecided')
  t.same(answer.references.print(bag.vocabulary), ['path'])
  t.same(answer.quotas[0]?.references.print(bag.vocabulary), ['user'])
})
