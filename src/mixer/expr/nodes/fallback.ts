import type { AttributeBag, AttributeValue } from '../../attributes/index.js'
import type { EvalFailure } from '../plan.js'
import type { Plan } from './plan.js'

/** `a | b | c`: the first operand that is not absent. A failure of an operand is the failure of the whole. */
export class Fallback<T extends AttributeValue> implements Plan<T> {
  constructor(
    readonly firsts: readonly Plan<T>[],
    readonly last: Plan<T>,
  ) {}

  eval(bag: AttributeBag): T | EvalFailure {
    for (const plan of this.firsts) {
      const value = plan.maybe(bag)
      if (value !== undefined) return value
    }
    return this.last.eval(bag)
  }

  maybe(bag: AttributeBag): T | EvalFailure | undefined {
    for (const plan of this.firsts) {
      const value = plan.maybe(bag)
      if (value !== undefined) return value
    }
    return this.last.maybe(bag)
  }

  print(): string {
    return `OR(${[...this.firsts, this.last].map(plan => plan.print()).join(', ')})`
  }
}
