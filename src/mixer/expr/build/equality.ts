import type { AttributeValue } from '../../attributes/index.js'
import { apply2, type Function2 } from '../nodes/apply.js'
import { Attribute } from '../nodes/attribute.js'
import { Constant } from '../nodes/constant.js'
import { AttributeEquals, AttributeOrEquals, KeyEquals, KeyOrEquals, type Literal } from '../nodes/equals.js'
import { Fallback } from '../nodes/fallback.js'
import { Key } from '../nodes/key.js'
import { MapAttribute } from '../nodes/map.js'
import type { Plan } from '../nodes/plan.js'

/** Equality of values that `===` compares; the frequent shapes become single nodes. */
export function literalEquality<T extends Literal>(a: Plan<T>, b: Plan<T>): Plan<boolean> {
  const fast =
    b instanceof Constant ? withLiteral(a, b) : a instanceof Constant ? withLiteral(b, a) : undefined
  return fast ?? apply2('EQ', (left: T, right: T) => left === right, a, b)
}

/** Equality by a function. */
export function equality<T extends AttributeValue>(
  same: Function2<T, T, boolean>,
  a: Plan<T>,
  b: Plan<T>,
): Plan<boolean> {
  return apply2('EQ', same, a, b)
}

function withLiteral<T extends Literal>(plan: Plan<T>, literal: Constant<T>): Plan<boolean> | undefined {
  if (plan instanceof Attribute) return new AttributeEquals(plan.slot, plan.name, literal.value)
  if (plan instanceof Key) {
    const place = constantKey(plan)
    if (place === undefined || typeof literal.value !== 'string') return undefined
    return new KeyEquals(place.slot, place.name, place.key, literal.value)
  }
  if (!(plan instanceof Fallback) || plan.firsts.length !== 1) return undefined
  const [first] = plan.firsts
  const fallback = plan.last
  if (!(fallback instanceof Constant)) return undefined
  if (first instanceof Attribute)
    return new AttributeOrEquals(first.slot, first.name, fallback.value, literal.value)
  const place = first instanceof Key ? constantKey(first) : undefined
  if (place === undefined || typeof literal.value !== 'string') return undefined
  return new KeyOrEquals(place.slot, place.name, place.key, fallback.value, literal.value)
}

/** The place of a look-up with a constant key in an attribute. */
function constantKey({ map, key }: Key) {
  if (!(map instanceof MapAttribute && key instanceof Constant)) return undefined
  return { slot: map.slot, name: map.name, key: String(key.value) }
}
