import { type Allow, allow, type Deny, deny, type HeaderOperation } from '@outboard/adapters-sdk'
import t from 'tap'
import type { AttributeBag, AttributeValue } from '../../src/mixer/attributes/index.js'
import { acceptedVerdict } from '../../src/mixer/engine/accepted-verdict.js'
import { type CompiledExpression, EvalFailure } from '../../src/mixer/expr/index.js'
import { action, bagOf, handlerSpec, instance, vocabulary } from './scripted.js'
import { checkRequest, started } from './start.js'

const edit = (name: string, value = 'v'): HeaderOperation => ({
  on: 'request',
  operation: 'append',
  name,
  value,
})
const direct = (httpStatus: number, ...headers: [string, string][]) => ({
  direct: { httpStatus, headers },
})

/** What the engine answers when a handler gives this verdict. */
async function answerTo(verdict: Allow | Deny) {
  const { engine, telemetry } = await started({ h: { check: () => verdict } }, [
    {
      name: 'r',
      actions: [{ phase: 'check', action: action(handlerSpec('h'), instance('i', 'CHECK')) }],
    },
  ])
  return { answer: await engine.pin().check(bagOf({ user: 'ann' }), checkRequest()), telemetry }
}

t.test('names of headers are lower case, whatever an adapter writes', async t => {
  const allowed = await answerTo(allow({ headers: [edit('X-H'), edit('x-h'), edit(':Path')] }))
  t.match(allowed.answer, {
    directive: { operations: [edit('x-h'), edit('x-h'), edit(':path')] },
  })
  const denied = await answerTo(deny('ABORTED', 'no', direct(403, ['Set-Cookie', 'A=B'], ['X-H', 'V'])))
  t.match(denied.answer, {
    directive: {
      operations: [
        { operation: 'append', name: 'set-cookie', value: 'A=B' },
        { operation: 'replace', name: 'x-h', value: 'V' },
      ],
    },
  })
})

t.test('a verdict that has nothing to change stays the same object', async t => {
  for (const verdict of [allow(), allow({ headers: [edit('x')] }), deny('ABORTED', 'no', direct(204))])
    t.equal(acceptedVerdict(verdict, 'h'), verdict)
})

const names = ['', 'a b', 'a:b', 'a\r\n', '::a', ':', 'é', 'a\0']
const values = ['a\r\nx-other: b', 'a\n', '\0']
const refused: (Allow | Deny)[] = [
  ...names.map(name => allow({ headers: [edit(name)] })),
  ...names.map(name => deny('ABORTED', 'no', direct(403, [name, 'v']))),
  ...values.map(value => allow({ headers: [edit('x', value)] })),
  ...values.map(value => deny('ABORTED', 'no', direct(403, ['x', value]))),
  ...[1, 100, 101, 199, 600, -1, 200.5 - 100, Number.NaN].map(status =>
    deny('ABORTED', 'no', direct(status)),
  ),
]

t.test('a header that is none, and a status that is no answer, break the protocol', async t => {
  for (const verdict of refused) {
    const shown = JSON.stringify(verdict)
    t.match(acceptedVerdict(verdict, 'h'), { kind: 'failed', error: { code: 'ADAPTER_PROTOCOL' } }, shown)
  }
  const { answer, telemetry } = await answerTo(allow({ headers: [edit('a b\r\n')] }))
  t.match(answer, { kind: 'undecided', message: /header name "a b\\r\\n"/ })
  const labels = { handler: 'h', adapter: 'scripted', placement: 'scripted', verb: 'check' }
  const outcome = 'ADAPTER_PROTOCOL'
  t.equal(telemetry.count('outboard_handler_calls_total', { ...labels, outcome }), 1)
})

t.test('a header value of a rule that would end its line is left out and counted', async t => {
  const slot = vocabulary.slot('user') ?? 0
  const value = compiled(bag => bag.read(slot) ?? new EvalFailure('absent', 'no user'))
  const { engine, telemetry } = await started({ h: { check: () => allow() } }, [
    {
      name: 'r',
      rule: { headerOperations: [{ on: 'request', operation: 'replace', name: 'x-user', value }] },
      actions: [{ phase: 'check', action: action(handlerSpec('h'), instance('i', 'CHECK')) }],
    },
  ])
  const ask = (user: string) => engine.pin().check(bagOf({ user }), checkRequest())
  t.match(await ask('ann'), { directive: { operations: [{ name: 'x-user', value: 'ann' }] } })
  t.equal(Reflect.get(await ask('ann\r\nx-admin: yes'), 'directive'), undefined)
  t.equal(telemetry.count('outboard_rule_header_failures_total', { rule: 'r' }), 1)
})

function compiled(evaluate: (bag: AttributeBag) => AttributeValue | EvalFailure): CompiledExpression {
  return { text: '', type: 'STRING', eval: evaluate, print: () => '', necessary: [] }
}
