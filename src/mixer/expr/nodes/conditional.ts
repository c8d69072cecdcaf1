import type { AttributeBag, AttributeValue } from '../../attributes/index.js'
import { EvalFailure } from '../plan.js'
import { Definite, type Plan } from './plan.js'

/** `conditional(c, a, b)`: only the chosen branch is evaluated; an absence within it is a failure. */
export class Conditional<T extends AttributeValue> extends Definite<T> {
  constructor(
    readonly condition: Plan<boolean>,
    readonly whenTrue: Plan<T>,
    readonly whenFalse: Plan<T>,
  ) {
    super()
  }

  eval(bag: AttributeBag): T | EvalFailure {
    const condition = this.condition.eval(bag)
    if (condition instanceof EvalFailure) return condition
    return condition ? this.whenTrue.eval(bag) : this.whenFalse.eval(bag)
  }

  print(): string {
    return `conditional(${this.condition.print()}, ${this.whenTrue.print()}, ${this.whenFalse.print()})`
  }
}

/** `conditionalString(c, a, b)`: both branches are evaluated, as upstream does, so an absence in either is a failure. */
export class ConditionalString extends Definite<string> {
  constructor(
    readonly condition: Plan<boolean>,
    readonly whenTrue: Plan<string>,
    readonly whenFalse: Plan<string>,
  ) {
    super()
  }

  eval(bag: AttributeBag): string | EvalFailure {
    const condition = this.condition.eval(bag)
    if (condition instanceof EvalFailure) return condition
    const whenTrue = this.whenTrue.eval(bag)
    if (whenTrue instanceof EvalFailure) return whenTrue
    const whenFalse = this.whenFalse.eval(bag)
    if (whenFalse instanceof EvalFailure) return whenFalse
    return condition ? whenTrue : whenFalse
  }

  print(): string {
    return `conditionalString(${this.condition.print()}, ${this.whenTrue.print()}, ${this.whenFalse.print()})`
  }
}
