import { Trust } from '@outboard/adapters-sdk'
import { type AttributeBag, type AttributeValue, isStringMap, References } from '../../attributes/index.js'
import { EvalFailure } from '../../expr/index.js'

/** Looks beyond this number are not worth comparing. */
const mostReads = 64
/** Longer texts are rarely the same twice. UTF-16 units. */
const longest = 256

interface Read {
  readonly slot: number
  readonly mapKey: string | undefined
  readonly value: AttributeValue | undefined
}

interface Kept {
  readonly reads: readonly Read[]
  /** The same looks, as a bag records them. */
  readonly references: References
  readonly result: object
}

/**
 * What a map was made into last, and what was looked at meanwhile: whoever finds the same in another bag makes the same of it, and
 * looks at the same. It is the argument of the check cache, for one map and one result. Only texts, numbers and booleans are
 * compared, since what is an object may be another one inside.
 */
export class LastReads {
  #kept: Kept | undefined
  readonly #trust = new Trust()

  /** The result that is kept. */
  get result(): object | undefined {
    return this.#kept?.result
  }

  /** Whether the bag has the same wherever the result depends on it; the looks are recorded then. */
  holdIn(bag: AttributeBag): boolean {
    const kept = this.#kept
    if (kept === undefined || bag.hasProduced) return false
    for (const { slot, mapKey, value } of kept.reads) {
      const found = bag.peek(slot)
      if (mapKey === undefined ? !Object.is(found, value) : !isAt(found, mapKey, value)) return false
    }
    bag.references.add(kept.references)
    this.#trust.earn()
    return true
  }

  /** Makes something of the bag, and may keep what `resultOf` says is to be given out again; undefined: nothing is. */
  during<Made>(bag: AttributeBag, make: () => Made, resultOf: (made: Made) => object | undefined): Made {
    if (bag.hasProduced || !this.#trust.spend()) return make()
    const outer = bag.references
    const own = new References(bag.vocabulary.size)
    bag.references = own
    let made: Made
    try {
      made = make()
    } finally {
      bag.references = outer
      outer.add(own)
    }
    const result = made instanceof EvalFailure ? undefined : resultOf(made)
    if (result !== undefined) this.#keep(bag, own, result)
    return made
  }

  #keep(bag: AttributeBag, references: References, result: object): void {
    const looks = references.list()
    if (looks.length > mostReads || looks.some(({ wholeMap }) => wholeMap)) return
    const reads: Read[] = []
    for (const { slot, mapKey } of looks) {
      const found = bag.peek(slot)
      const value = mapKey === undefined || !isStringMap(found) ? found : found.get(mapKey)
      if (typeof value === 'object' || (typeof value === 'string' && value.length > longest)) return
      reads.push({ slot, mapKey, value })
    }
    this.#kept = { reads, references, result }
  }
}

/** Whether a map is there and has the value under the key. */
function isAt(found: AttributeValue | undefined, key: string, value: AttributeValue | undefined): boolean {
  return isStringMap(found) && found.get(key) === value
}
