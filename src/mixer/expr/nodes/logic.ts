import type { AttributeBag } from '../../attributes/index.js'
import { EvalFailure } from '../plan.js'
import { Definite, type Plan } from './plan.js'

/** `a && b && …`, left to right; stops at the first operand that is false or fails. */
export class And extends Definite<boolean> {
  constructor(readonly operands: readonly Plan<boolean>[]) {
    super()
  }

  eval(bag: AttributeBag): boolean | EvalFailure {
    for (const operand of this.operands) {
      const value = operand.eval(bag)
      if (value !== true) return value
    }
    return true
  }

  print(): string {
    return `LAND(${this.operands.map(plan => plan.print()).join(', ')})`
  }
}

/** `a || b || …`, left to right; stops at the first operand that is true or fails. */
export class Or extends Definite<boolean> {
  constructor(readonly operands: readonly Plan<boolean>[]) {
    super()
  }

  eval(bag: AttributeBag): boolean | EvalFailure {
    for (const operand of this.operands) {
      const value = operand.eval(bag)
      if (value !== false) return value
    }
    return false
  }

  print(): string {
    return `LOR(${this.operands.map(plan => plan.print()).join(', ')})`
  }
}

/** The opposite of an equality, for `!=`. */
export class Not extends Definite<boolean> {
  constructor(readonly operand: Plan<boolean>) {
    super()
  }

  eval(bag: AttributeBag): boolean | EvalFailure {
    const value = this.operand.eval(bag)
    return value instanceof EvalFailure ? value : !value
  }

  print(): string {
    return `NOT(${this.operand.print()})`
  }
}
