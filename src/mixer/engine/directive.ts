import type { AttributeValues, DirectResponse, HeaderOperation } from '@outboard/adapters-sdk'
import { isHeaderValue } from '@outboard/adapters-sdk'
import {
  type AttributeBag,
  type AttributeValue,
  hasForm,
  type Slot,
  type Vocabulary,
} from '../attributes/index.js'
import { toAttribute } from '../config/instances/index.js'
import type { Action, Rule } from '../config/snapshot.js'
import { EvalFailure } from '../expr/index.js'
import type { RouteDirective } from './api.js'
import { directStatusOf } from './http-status.js'

/** A rule that took part in an allowed check, with what its handlers gave. */
export interface AppliedRule {
  readonly rule: Rule
  /** Header operations that handlers asked for, in order of the rule's actions. */
  readonly headers: readonly HeaderOperation[]
  readonly outputs: readonly { readonly action: Action; readonly output: AttributeValues }[]
}

/** The direct response of a denial. Source: reference dispatch, section 4. */
export function directResponse(direct: DirectResponse, code: number): RouteDirective {
  return {
    operations: direct.headers.map(([name, value]) => ({
      on: 'response',
      // A header may stand several times only when it is a cookie; others replace what the proxy would send.
      operation: name === 'set-cookie' ? 'append' : 'replace',
      name,
      value,
    })),
    directStatus: direct.httpStatus === 0 ? directStatusOf(code) : direct.httpStatus,
    directBody: direct.body,
  }
}

/** The header operations of an allowed check, in rule order; undefined when there are none. */
export function headerDirective(
  rules: readonly AppliedRule[],
  bag: AttributeBag,
  skipped: (rule: Rule, failure: EvalFailure) => void,
): RouteDirective | undefined {
  let operations: HeaderOperation[] | undefined
  for (const applied of rules) {
    if (applied.headers.length > 0) operations = [...(operations ?? []), ...applied.headers]
    if (applied.rule.headerOperations.length === 0) continue
    const made = templated(applied, bag, skipped)
    if (made.length > 0) operations = [...(operations ?? []), ...made]
  }
  return operations && { operations, directStatus: 0, directBody: '' }
}

/** A value that fails is skipped and told; an empty one is skipped, as upstream does. */
function templated(
  { rule, outputs }: AppliedRule,
  bag: AttributeBag,
  skipped: (rule: Rule, failure: EvalFailure) => void,
): HeaderOperation[] {
  const made: HeaderOperation[] = []
  const extended = bag.extended(rule.headerVocabulary, outputValues(outputs, rule.headerVocabulary))
  for (const { on, operation, name, value } of rule.headerOperations) {
    if (value === undefined) {
      made.push({ on, operation, name, value: '' })
      continue
    }
    const text = value.eval(extended)
    if (text instanceof EvalFailure) skipped(rule, text)
    else if (typeof text !== 'string' || text === '') continue
    else if (isHeaderValue(text)) made.push({ on, operation, name, value: text })
    else skipped(rule, new EvalFailure('invalid', `the value of header ${name} has a line end`))
  }
  return made
}

/** An output whose value is not of its field's type is left out: absent, as any value of the wrong form is. */
function* outputValues(
  outputs: AppliedRule['outputs'],
  vocabulary: Vocabulary,
): Generator<readonly [Slot, AttributeValue]> {
  for (const { action, output } of outputs)
    for (const [field, value] of Object.entries(output)) {
      const slot = action.outputSlots.get(field)
      if (slot === undefined) continue
      const attribute = toAttribute(value)
      if (hasForm(vocabulary.type(slot), attribute)) yield [slot, attribute]
    }
}
