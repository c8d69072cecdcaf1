import type { AttributeBag } from '../../attributes/index.js'
import { EvalFailure } from '../plan.js'
import type { MapChoice, MapPlan } from './map.js'
import type { Plan } from './plan.js'

/**
 * `m[k]`. A key that is missing is `""`, but absent under the left of `|`; a map that is absent is a failure, or absent
 * likewise. Source: reference expressions, section 7.1.
 */
export class Key implements Plan<string> {
  constructor(
    readonly map: MapPlan,
    readonly key: Plan<string>,
  ) {}

  eval(bag: AttributeBag): string | EvalFailure {
    const choice = this.map.choose(bag) ?? this.map.failure
    if (choice instanceof EvalFailure) return choice
    const key = this.key.eval(bag)
    if (key instanceof EvalFailure) return refused(bag, choice, key)
    return choice === 'empty' ? '' : (bag.readKey(choice, key) ?? '')
  }

  maybe(bag: AttributeBag): string | EvalFailure | undefined {
    const choice = this.map.choose(bag)
    if (choice === undefined || choice instanceof EvalFailure) return choice
    const key = this.key.maybe(bag)
    if (key === undefined) return undefined
    if (key instanceof EvalFailure) return refused(bag, choice, key)
    return choice === 'empty' ? undefined : (bag.readKey(choice, key) ?? undefined)
  }

  print(): string {
    return `INDEX(${this.map.print()}, ${this.key.print()})`
  }
}

/** A key that has no value: that it mattered depended on the map being there, which is recorded. */
function refused(bag: AttributeBag, choice: MapChoice, failure: EvalFailure): EvalFailure {
  if (choice !== 'empty') bag.readMap(choice)
  return failure
}
