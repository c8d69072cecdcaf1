import type { AttributeBag, Slot } from '../../attributes/index.js'
import type { EvalFailure } from '../plan.js'
import { lookupFailed } from './attribute.js'
import { Definite } from './plan.js'

/** A value that `===` compares: of type STRING, INT64 or BOOL. */
export type Literal = string | number | bigint | boolean

function show(literal: Literal): string {
  return typeof literal === 'string' ? JSON.stringify(literal) : String(literal)
}

/** `attribute == literal`: one slot read and one comparison. */
export class AttributeEquals extends Definite<boolean> {
  readonly #failure: EvalFailure

  constructor(
    readonly slot: Slot,
    readonly name: string,
    readonly literal: Literal,
  ) {
    super()
    this.#failure = lookupFailed(name)
  }

  eval(bag: AttributeBag): boolean | EvalFailure {
    const value = bag.read(this.slot)
    return value === undefined ? this.#failure : value === this.literal
  }

  print(): string {
    return `EQ($${this.name}, ${show(this.literal)})`
  }
}

/** `(attribute | fallback) == literal`. */
export class AttributeOrEquals extends Definite<boolean> {
  constructor(
    readonly slot: Slot,
    readonly name: string,
    readonly fallback: Literal,
    readonly literal: Literal,
  ) {
    super()
  }

  eval(bag: AttributeBag): boolean {
    return (bag.read(this.slot) ?? this.fallback) === this.literal
  }

  print(): string {
    return `EQ(OR($${this.name}, ${show(this.fallback)}), ${show(this.literal)})`
  }
}

/** `map["key"] == literal`; a missing key is `""`. */
export class KeyEquals extends Definite<boolean> {
  readonly #failure: EvalFailure

  constructor(
    readonly slot: Slot,
    readonly name: string,
    readonly key: string,
    readonly literal: string,
  ) {
    super()
    this.#failure = lookupFailed(name)
  }

  eval(bag: AttributeBag): boolean | EvalFailure {
    const value = bag.readKey(this.slot, this.key)
    return value === null ? this.#failure : (value ?? '') === this.literal
  }

  print(): string {
    return `EQ(INDEX($${this.name}, ${show(this.key)}), ${show(this.literal)})`
  }
}

/** `(map["key"] | fallback) == literal`. */
export class KeyOrEquals extends Definite<boolean> {
  constructor(
    readonly slot: Slot,
    readonly name: string,
    readonly key: string,
    readonly fallback: string,
    readonly literal: string,
  ) {
    super()
  }

  eval(bag: AttributeBag): boolean {
    return (bag.readKey(this.slot, this.key) ?? this.fallback) === this.literal
  }

  print(): string {
    return `EQ(OR(INDEX($${this.name}, ${show(this.key)}), ${show(this.fallback)}), ${show(this.literal)})`
  }
}
