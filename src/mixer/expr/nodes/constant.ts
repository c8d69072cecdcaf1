import type { AttributeValue } from '../../attributes/index.js'
import { Definite } from './plan.js'

/** A literal, or an operation on literals that was computed when the expression was compiled. */
export class Constant<T extends AttributeValue> extends Definite<T> {
  constructor(
    readonly value: T,
    readonly shown: string,
  ) {
    super()
  }

  eval(): T {
    return this.value
  }

  print(): string {
    return this.shown
  }
}
