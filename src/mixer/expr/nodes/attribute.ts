import type { AttributeBag, AttributeValue, Slot } from '../../attributes/index.js'
import { EvalFailure } from '../plan.js'
import type { Form } from './form.js'
import type { Plan } from './plan.js'

/** The failure of an attribute that is absent where it is needed. */
export function lookupFailed(name: string): EvalFailure {
  return new EvalFailure('absent', `lookup failed: '${name}'`)
}

/** An attribute that is no string map. A value of another form than the declared type's counts as absent. */
export class Attribute<T extends AttributeValue> implements Plan<T> {
  readonly #failure: EvalFailure

  constructor(
    readonly slot: Slot,
    readonly name: string,
    readonly form: Form<T>,
  ) {
    this.#failure = lookupFailed(name)
  }

  eval(bag: AttributeBag): T | EvalFailure {
    const value = bag.read(this.slot)
    return this.form.has(value) ? value : this.#failure
  }

  maybe(bag: AttributeBag): T | undefined {
    const value = bag.read(this.slot)
    return this.form.has(value) ? value : undefined
  }

  print(): string {
    return `$${this.name}`
  }
}
