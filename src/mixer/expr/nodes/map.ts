import type { AttributeBag, Slot, StringMap } from '../../attributes/index.js'
import { EvalFailure } from '../plan.js'
import { lookupFailed } from './attribute.js'
import type { Plan } from './plan.js'

/** What a map expression chose: the slot of a map that is present, or the map without entries. */
export type MapChoice = Slot | 'empty'

/**
 * An expression of type STRING_MAP. Maps are chosen first and read afterwards, so that a look-up of one key refers to
 * that key and not to the whole map.
 */
export abstract class MapPlan implements Plan<StringMap> {
  /** The map chosen; undefined when it is absent, with that recorded; or why none could be chosen. */
  abstract choose(bag: AttributeBag): MapChoice | EvalFailure | undefined
  /** The failure of a map that is absent where it is needed. */
  abstract readonly failure: EvalFailure
  abstract print(): string

  maybe(bag: AttributeBag): StringMap | EvalFailure | undefined {
    const choice = this.choose(bag)
    if (choice === undefined || choice instanceof EvalFailure) return choice
    return choice === 'empty' ? emptyMap : bag.readMap(choice)
  }

  eval(bag: AttributeBag): StringMap | EvalFailure {
    return this.maybe(bag) ?? this.failure
  }
}

/** Shared: nothing changes it. */
const emptyMap: StringMap = new Map<string, string>()

/** An attribute that is a string map. */
export class MapAttribute extends MapPlan {
  readonly failure: EvalFailure

  constructor(
    readonly slot: Slot,
    readonly name: string,
  ) {
    super()
    this.failure = lookupFailed(name)
  }

  choose(bag: AttributeBag): Slot | undefined {
    if (bag.peek(this.slot) !== undefined) return this.slot
    bag.read(this.slot)
    return undefined
  }

  print(): string {
    return `$${this.name}`
  }
}

/** `emptyStringMap()`. */
export class EmptyMap extends MapPlan {
  readonly failure = new EvalFailure('absent', 'lookup failed')

  choose(): 'empty' {
    return 'empty'
  }

  print(): string {
    return 'emptyStringMap()'
  }
}

/** `a | b | …` of maps. */
export class MapFallback extends MapPlan {
  readonly failure: EvalFailure

  constructor(
    readonly firsts: readonly MapPlan[],
    readonly last: MapPlan,
  ) {
    super()
    this.failure = last.failure
  }

  choose(bag: AttributeBag): MapChoice | EvalFailure | undefined {
    for (const plan of this.firsts) {
      const choice = plan.choose(bag)
      if (choice !== undefined) return choice
    }
    return this.last.choose(bag)
  }

  print(): string {
    return `OR(${[...this.firsts, this.last].map(plan => plan.print()).join(', ')})`
  }
}

/** `conditional(c, a, b)` of maps: an absence in the chosen branch is a failure. */
export class MapConditional extends MapPlan {
  readonly failure: EvalFailure

  constructor(
    readonly condition: Plan<boolean>,
    readonly whenTrue: MapPlan,
    readonly whenFalse: MapPlan,
  ) {
    super()
    this.failure = whenFalse.failure
  }

  choose(bag: AttributeBag): MapChoice | EvalFailure {
    const condition = this.condition.eval(bag)
    if (condition instanceof EvalFailure) return condition
    const branch = condition ? this.whenTrue : this.whenFalse
    return branch.choose(bag) ?? branch.failure
  }

  print(): string {
    return `conditional(${this.condition.print()}, ${this.whenTrue.print()}, ${this.whenFalse.print()})`
  }
}
