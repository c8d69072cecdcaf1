import type { AttributeBag, AttributeValue } from '../../attributes/index.js'
import type { NecessaryEquality } from '../../expr/index.js'

/** A value that a test compares with; integers in the canonical form of attribute values. */
export type Literal = string | number | bigint | boolean

/** What an equality test looks at: an attribute or a key of one, and what stands in for it when it is absent. */
export class TestKey {
  /** Equal text, equal key. */
  readonly id: string
  readonly #slot: number
  readonly #mapKey: string | undefined
  readonly #fallback: Literal | undefined

  constructor({ slot, mapKey, fallback }: NecessaryEquality) {
    this.#slot = slot
    this.#mapKey = mapKey
    this.#fallback = fallback
    const key = mapKey === undefined ? '' : `[${JSON.stringify(mapKey)}]`
    this.id = `${slot}${key}${fallback === undefined ? '' : `|${typeof fallback}:${fallback}`}`
  }

  /**
   * The value that a test compares, recorded. Without one no test of this key holds: that is what being necessary means
   * (see `CompiledExpression.necessary`). Allocates nothing.
   */
  read(bag: AttributeBag): Literal | undefined {
    if (this.#mapKey !== undefined) return bag.readKey(this.#slot, this.#mapKey) ?? this.#fallback
    return literalOf(bag.read(this.#slot)) ?? this.#fallback
  }
}

function literalOf(value: AttributeValue | undefined): Literal | undefined {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'bigint':
    case 'boolean':
      return value
    default:
      return undefined
  }
}
