import type { AttributeValue } from '../../attributes/index.js'
import { Attribute } from '../nodes/attribute.js'
import { AttributeEquals, AttributeOrEquals, KeyEquals, KeyOrEquals } from '../nodes/equals.js'
import { And } from '../nodes/logic.js'
import type { Plan } from '../nodes/plan.js'
import type { NecessaryEquality } from '../plan.js'

/**
 * The equality tests without which a BOOL expression cannot be true: those among the operands of its outermost `&&`.
 *
 * `map["key"] == ""` is left out: a missing key makes it true, and a fallback cannot say so without also covering a
 * map that is absent, which makes it fail.
 */
export function necessaryEqualities(plan: Plan<AttributeValue>): NecessaryEquality[] {
  if (plan instanceof And) return plan.operands.flatMap(necessaryEqualities)
  if (plan instanceof AttributeEquals)
    return [{ slot: plan.slot, mapKey: undefined, literal: plan.literal, fallback: undefined }]
  if (plan instanceof AttributeOrEquals)
    return [{ slot: plan.slot, mapKey: undefined, literal: plan.literal, fallback: plan.fallback }]
  if (plan instanceof KeyEquals)
    return plan.literal === ''
      ? []
      : [{ slot: plan.slot, mapKey: plan.key, literal: plan.literal, fallback: undefined }]
  if (plan instanceof KeyOrEquals)
    return [{ slot: plan.slot, mapKey: plan.key, literal: plan.literal, fallback: plan.fallback }]
  if (plan instanceof Attribute)
    return [{ slot: plan.slot, mapKey: undefined, literal: true, fallback: undefined }]
  return []
}
