import type { AttributeBag, AttributeValue } from '../../attributes/index.js'
import type { EvalFailure } from '../plan.js'

/** A node of a compiled expression: immutable, shared between requests, never throws. */
export interface Plan<T extends AttributeValue> {
  /** The value, or why there is none. */
  eval(bag: AttributeBag): T | EvalFailure
  /** As `eval`, but undefined when the operand is absent, for the left of `|`. */
  maybe(bag: AttributeBag): T | EvalFailure | undefined
  print(): string
}

/** A node that is never absent: it has a value, or it fails. */
export abstract class Definite<T extends AttributeValue> implements Plan<T> {
  abstract eval(bag: AttributeBag): T | EvalFailure
  abstract print(): string

  maybe(bag: AttributeBag): T | EvalFailure | undefined {
    return this.eval(bag)
  }
}
