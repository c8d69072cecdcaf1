import type { AttributeBag, AttributeValue } from '../../attributes/index.js'
import { EvalFailure } from '../plan.js'
import type { Function2 } from './apply.js'
import { Constant } from './constant.js'
import { Definite, type Plan } from './plan.js'

/** `a + b + …`, left to right. One node however long the chain, so that evaluation does not nest. */
class Sum<T extends AttributeValue> extends Definite<T> {
  constructor(
    readonly add: Function2<T, T, T>,
    readonly first: Plan<T>,
    readonly rest: readonly Plan<T>[],
  ) {
    super()
  }

  eval(bag: AttributeBag): T | EvalFailure {
    let sum = this.first.eval(bag)
    if (sum instanceof EvalFailure) return sum
    for (const operand of this.rest) {
      const value = operand.eval(bag)
      if (value instanceof EvalFailure) return value
      sum = this.add(sum, value)
      if (sum instanceof EvalFailure) return sum
    }
    return sum
  }

  print(): string {
    return `ADD(${[this.first, ...this.rest].map(plan => plan.print()).join(', ')})`
  }
}

/** A sum whose leading literals are added now. There is at least one operand. */
export function sum<T extends AttributeValue>(
  add: Function2<T, T, T>,
  operands: readonly Plan<T>[],
): Plan<T> {
  const [head, ...tail] = operands
  if (head === undefined) throw new RangeError('a sum needs an operand')
  if (!(head instanceof Constant)) return new Sum(add, head, tail)
  let value = head.value
  let added = 0
  for (const operand of tail) {
    const next = operand instanceof Constant ? add(value, operand.value) : undefined
    if (next === undefined || next instanceof EvalFailure) break
    value = next
    added++
  }
  if (added === 0) return new Sum(add, head, tail)
  const first = new Constant(value, typeof value === 'string' ? JSON.stringify(value) : String(value))
  return added === tail.length ? first : new Sum(add, first, tail.slice(added))
}
