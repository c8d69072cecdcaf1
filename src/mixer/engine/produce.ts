import { AdapterError, type Produced } from '@outboard/adapters-sdk'
import { hasForm } from '../attributes/index.js'
import { toAttribute } from '../config/instances/index.js'
import type { Action, CompiledInstance, Rule } from '../config/snapshot.js'
import { EvalFailure } from '../expr/index.js'
import type { HandlerSpec } from './ports.js'
import { ask } from './questions.js'
import { askingOf, handlerFailed, instanceFailed, matchRules, type Requested } from './request.js'

/** What asking the attribute producers came to. */
export type ProducedAll =
  | {
      readonly kind: 'produced'
      /** The shortest validity that a producer stated, milliseconds; undefined: none did. */
      readonly validForMs: number | undefined
      readonly handlers: readonly string[]
      /** false: a failure policy stood in for a producer, or what one says must not be kept; then the answer must not, either. */
      readonly keepable: boolean
    }
  | { readonly kind: 'failed'; readonly message: string }
  /** A producer with policy `closed` failed. */
  | { readonly kind: 'closed'; readonly handler: HandlerSpec }

/** When there is nobody to ask. */
export const nothingProduced = {
  kind: 'produced',
  validForMs: undefined,
  handlers: [],
  keepable: true,
} as const

/** Whether some rule has producers at all; most configurations have none. */
export function hasProducers(request: Requested): boolean {
  return request.live.snapshot.rules.size('produce') > 0
}

interface Pending {
  readonly rule: Rule
  readonly action: Action
  readonly instance: CompiledInstance
  readonly answer: Promise<Produced | AdapterError>
}

/**
 * Asks the attribute-producing handlers side by side and adds what they found to the bag, in rule order. Values never
 * replace what is there; of two producers the first in rule order wins.
 */
export async function produce(request: Requested): Promise<ProducedAll> {
  if (!hasProducers(request)) return nothingProduced
  const rules = matchRules(request, 'produce')
  if (typeof rules === 'string') return { kind: 'failed', message: rules }
  const pending: Pending[] = []
  for (const rule of rules) {
    if (rule.enforcement === 'shadow') continue // what it would produce is applied to nothing
    for (const action of rule.actions.produce) {
      const { guard } = request.live.served(action.handler.id)
      for (const instance of action.instances) {
        const question = ask(instance, request.bag, guard.handler.form, 'form-only')
        if (question instanceof EvalFailure)
          return { kind: 'failed', message: instanceFailed(request, rule, instance, question) }
        const answer = guard.produce(question, askingOf(request, request.ids.next()))
        pending.push({ rule, action, instance, answer })
      }
    }
  }
  if (pending.length === 0) return nothingProduced
  return apply(request, pending, await Promise.all(pending.map(({ answer }) => answer)))
}

function apply(
  request: Requested,
  pending: readonly Pending[],
  answers: readonly (Produced | AdapterError)[],
): ProducedAll {
  let validForMs: number | undefined
  let keepable = true
  const handlers: string[] = []
  for (const [index, { rule, action, instance }] of pending.entries()) {
    const answer = answers[index]
    if (answer === undefined) continue
    if (answer instanceof AdapterError) {
      handlerFailed(request, action.handler, answer.message)
      const policy = action.handler.guard.onFailure
      const then = policy.kind === 'cached' ? policy.then : policy.kind
      switch (then) {
        case 'caller':
          return { kind: 'failed', message: answer.message }
        case 'closed':
          return { kind: 'closed', handler: action.handler }
        case 'open':
          keepable = false
          continue
      }
    }
    handlers.push(action.handler.id)
    if (!action.handler.cacheable) keepable = false
    if (answer.validForMs !== undefined)
      validForMs = validForMs === undefined ? answer.validForMs : Math.min(validForMs, answer.validForMs)
    const problem = bind(request, instance, answer)
    if (problem !== undefined)
      return { kind: 'failed', message: instanceFailed(request, rule, instance, problem) }
  }
  return { kind: 'produced', validForMs, handlers, keepable }
}

/** Evaluates an instance's bindings on the request and the outputs. */
function bind(request: Requested, instance: CompiledInstance, { output }: Produced): EvalFailure | undefined {
  const vocabulary = instance.bindingVocabulary
  const values = []
  for (const [field, value] of Object.entries(output)) {
    const slot = instance.outputSlots.get(field)
    if (slot === undefined) continue
    const attribute = toAttribute(value)
    if (hasForm(vocabulary.type(slot), attribute)) values.push([slot, attribute] as const)
  }
  const extended = request.bag.extended(vocabulary, values)
  for (const { slot, expression } of instance.bindings) {
    const value = expression.eval(extended)
    if (value instanceof EvalFailure) return value
    request.bag.produce(slot, value)
  }
  return undefined
}
