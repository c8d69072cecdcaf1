import { AdapterError, allow, type Produced } from '@outboard/adapters-sdk'
import t from 'tap'
import { AttributeCache } from '../../src/cache/index.js'
import type { FailurePolicy } from '../../src/mixer/config/handler-spec.js'
import { CountingTelemetry } from '../support/counting-telemetry.js'
import { ManualClock } from '../support/manual-clock.js'
import { action, bagOf, handlerSpec, instance, type RuleScript, vocabulary } from './scripted.js'
import { checkRequest, started } from './start.js'

const outputs = vocabulary.extend([{ name: 'output.found', type: 'STRING' }])
const found = vocabulary.slot('found') ?? 0
const outputSlot = outputs.slot('output.found') ?? 0

function producerRule(id: string, onFailure: FailurePolicy = { kind: 'caller' }): RuleScript {
  const producing = {
    ...instance(`i-${id}`, 'ATTRIBUTE_GENERATOR'),
    bindingVocabulary: outputs,
    outputSlots: new Map([['found', outputSlot]]),
    bindings: [
      {
        slot: found,
        expression: {
          text: 'output.found',
          type: 'STRING' as const,
          eval: (bag: ReturnType<typeof bagOf>) => bag.read(outputSlot) ?? '',
          print: () => 'output.found',
          necessary: [],
        },
      },
    ],
  }
  return {
    name: `p-${id}`,
    actions: [{ phase: 'produce', action: action(handlerSpec(id, { guardWith: { onFailure } }), producing) }],
  }
}

const checkRule: RuleScript = {
  name: 'c',
  actions: [{ phase: 'check', action: action(handlerSpec('c'), instance('i', 'CHECK', 'found')) }],
}
const finds = (value: string, validForMs?: number) => ({
  produce: (): Produced => ({ output: { found: { type: 'STRING', value } }, validForMs }),
})
const c = { check: () => allow() }

t.test(
  'a produced attribute is seen by later phases; looking at it records that the caller did not send it',
  async t => {
    const { engine } = await started({ p: finds('here'), c }, [producerRule('p'), checkRule])
    const bag = bagOf({ user: 'ann' })
    const answer = await engine.pin().check(bag, checkRequest())
    if (answer.kind !== 'decided') return t.fail(answer.message)
    t.equal(bag.peek(found), 'here')
    t.same(answer.references.print(vocabulary), ['-found', 'user'])
  },
)

t.test('a produced attribute never replaces what the caller sent', async t => {
  const { engine } = await started({ p: finds('here'), c }, [producerRule('p'), checkRule])
  const bag = bagOf({ user: 'ann', found: 'mine' })
  await engine.pin().check(bag, checkRequest())
  t.equal(bag.peek(found), 'mine')
})

t.test('of two producers the first in rule order wins', async t => {
  const { engine } = await started({ p: finds('first'), q: finds('second'), c }, [
    producerRule('p'),
    producerRule('q'),
    checkRule,
  ])
  const bag = bagOf({ user: 'ann' })
  await engine.pin().check(bag, checkRequest())
  t.equal(bag.peek(found), 'first')
})

t.test('the validity that a producer states bounds that of the answer', async t => {
  const { engine } = await started({ p: finds('here', 700), c }, [producerRule('p'), checkRule])
  t.match(await engine.pin().check(bagOf({ user: 'ann' }), checkRequest()), { validForMs: 700 })
})

t.test('a producer that fails follows its policy', async t => {
  const gone = { produce: () => new AdapterError('ADAPTER_UNAVAILABLE', 'gone') }
  const rules = (policy: FailurePolicy) => [producerRule('p', policy)]
  const check = async (policy: FailurePolicy) => {
    const { engine } = await started({ p: gone }, rules(policy))
    return engine.pin().check(bagOf({ user: 'ann' }), checkRequest())
  }
  t.match(await check({ kind: 'caller' }), { kind: 'undecided', reason: 'PRODUCE_FAILED', message: 'gone' })
  t.match(await check({ kind: 'closed' }), { kind: 'decided', code: 14 })
  t.match(await check({ kind: 'open' }), { kind: 'decided', code: 0 })
})

t.test('after a cached check the policy of a producer holds for the quota, too', async t => {
  let isGone = false
  const p = {
    produce: () => (isGone ? new AdapterError('ADAPTER_UNAVAILABLE', 'gone') : finds('here').produce()),
  }
  const answers = []
  for (const policy of [{ kind: 'closed' }, { kind: 'caller' }] as const) {
    isGone = false
    const cache = new AttributeCache({}, new ManualClock(), new CountingTelemetry())
    const { engine } = await started({ p, c }, [producerRule('p', policy), checkRule], { cache })
    const quotas = [{ name: 'any', amount: 1n, bestEffort: false }]
    const check = () => engine.pin().check(bagOf({ user: 'ann' }), checkRequest({ quotas }))
    t.match(await check(), { code: 0 })
    isGone = true
    answers.push(await check())
  }
  t.match(answers[0], { kind: 'decided', code: 14 })
  t.match(answers[1], { kind: 'undecided', reason: 'PRODUCE_FAILED', message: 'gone' })
})

t.test('a value of another type than the field is left out', async t => {
  const wrong = {
    produce: (): Produced => ({ output: { found: { type: 'INT64', value: 3n } }, validForMs: undefined }),
  }
  const { engine } = await started({ p: wrong }, [producerRule('p')])
  const bag = bagOf({ user: 'ann' })
  await engine.pin().check(bag, checkRequest())
  t.equal(bag.peek(found), '')
})
