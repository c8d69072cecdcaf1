import type { AttributeValue } from '../../attributes/index.js'
import { apply2 } from '../nodes/apply.js'
import type { Plan } from '../nodes/plan.js'

/** The operators `<`, `<=`, `>` and `>=`. */
export type OrderName = 'LT' | 'LEQ' | 'GT' | 'GEQ'

/** An order test by a function that answers a negative number, zero, a positive number, or NaN for no order. */
export function order<T extends AttributeValue>(
  name: OrderName,
  compare: (a: T, b: T) => number,
  a: Plan<T>,
  b: Plan<T>,
): Plan<boolean> {
  switch (name) {
    case 'LT':
      return apply2(name, (x: T, y: T) => compare(x, y) < 0, a, b)
    case 'LEQ':
      return apply2(name, (x: T, y: T) => compare(x, y) <= 0, a, b)
    case 'GT':
      return apply2(name, (x: T, y: T) => compare(x, y) > 0, a, b)
    case 'GEQ':
      return apply2(name, (x: T, y: T) => compare(x, y) >= 0, a, b)
  }
}
