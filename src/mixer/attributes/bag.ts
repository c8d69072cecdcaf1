import { Later } from './later.js'
import { References } from './references.js'
import { type AttributeValue, hasForm, type StringMap } from './value.js'
import type { Slot, Vocabulary } from './vocabulary.js'

/** Something that was made of a bag's values, by whom, and where the reads were recorded. */
interface Made {
  readonly maker: object
  readonly what: object
  readonly references: References
}

/**
 * The facts of one request, by slot. Made by a door for the vocabulary of the snapshot that was pinned for the request.
 *
 * `read` and `readKey` record what was looked at; `peek` does not, and is for the cache and for printing.
 * Attributes that handlers produced are a layer on top: they never replace what the caller sent, and looking at one
 * records that the caller did not send it.
 */
export class AttributeBag {
  readonly vocabulary: Vocabulary
  /** What has been looked at so far. Replace it (with a copy) to go back to an earlier state. */
  references: References
  readonly #values: (AttributeValue | Later | undefined)[]
  #made: Made | undefined
  #produced: Set<Slot> | undefined

  /** `sent`: a bag of the same vocabulary whose values this one begins with; nobody has produced any in it. */
  constructor(vocabulary: Vocabulary, sent?: AttributeBag) {
    this.vocabulary = vocabulary
    this.references = new References(vocabulary.size)
    this.#values =
      sent === undefined
        ? new Array<AttributeValue | Later | undefined>(vocabulary.size)
        : sent.#values.slice()
  }

  /**
   * Puts a value that the caller sent. The value must have the form of the slot's type (see {@link hasForm}); doors
   * decode by type and need not check again.
   */
  set(slot: Slot, value: AttributeValue): void {
    this.#values[slot] = value
  }

  /** Takes away what the caller had sent before, in the bag that this one began with. */
  clear(slot: Slot): void {
    this.#values[slot] = undefined
  }

  /** As `set`, for a value that need not be made before somebody reads it. */
  setLater(slot: Slot, value: Later): void {
    this.#values[slot] = value
  }

  /** As `set`, by name, for callers whose values come from outside: `false` when undeclared or of another form. */
  setByName(name: string, value: unknown): boolean {
    const slot = this.vocabulary.slot(name)
    if (slot === undefined || !hasForm(this.vocabulary.type(slot), value)) return false
    this.#values[slot] = value
    return true
  }

  /** Adds a produced attribute, unless the caller or an earlier handler gave one. Answers whether it was added. */
  produce(slot: Slot, value: AttributeValue): boolean {
    if (this.#values[slot] !== undefined) return false
    this.#values[slot] = value
    this.#made = undefined
    if (this.#produced === undefined) this.#produced = new Set()
    this.#produced.add(slot)
    return true
  }

  /**
   * What this maker made of the bag last, if it would make the same again: nothing was produced since, and what it read then is
   * in `references` still.
   */
  made(maker: object): object | undefined {
    const made = this.#made
    return made?.maker === maker && made.references === this.references ? made.what : undefined
  }

  /** Keeps what a maker made of values that it read here, instead of what another one made. */
  keepMade(maker: object, what: object): void {
    this.#made = { maker, what, references: this.references }
  }

  /** Whether a handler has produced anything. */
  get hasProduced(): boolean {
    return this.#produced !== undefined
  }

  /** Whether a slot's value was produced by a handler. */
  isProduced(slot: Slot): boolean {
    return this.#produced?.has(slot) === true
  }

  /** The value of an attribute that is no string map, or undefined; recorded. */
  read(slot: Slot): AttributeValue | undefined {
    const value = this.peek(slot)
    this.references.attribute(
      slot,
      value !== undefined && (this.#produced === undefined || !this.#produced.has(slot)),
    )
    return value
  }

  /** One key of a string map: undefined when the key is missing, `null` when the map itself is absent; recorded. */
  readKey(slot: Slot, key: string): string | undefined | null {
    const map = this.peek(slot) as StringMap | undefined
    if (map === undefined || this.#produced?.has(slot)) {
      this.references.attribute(slot, false)
      return map === undefined ? null : map.get(key)
    }
    const value = map.get(key)
    this.references.mapKey(slot, key, value !== undefined)
    return value
  }

  /** A whole string map, because it goes somewhere as a whole; recorded as such. */
  readMap(slot: Slot): StringMap | undefined {
    const map = this.peek(slot) as StringMap | undefined
    if (map === undefined || this.#produced?.has(slot)) this.references.attribute(slot, false)
    else this.references.wholeMap(slot)
    return map
  }

  /** A value without recording: for the cache and for printing. */
  peek(slot: Slot): AttributeValue | undefined {
    const value = this.#values[slot]
    if (!(value instanceof Later)) return value
    const made = value.value()
    this.#values[slot] = made
    return made
  }

  /** A value that the caller sent, without recording; undefined for produced ones. */
  peekSent(slot: Slot): AttributeValue | undefined {
    return this.isProduced(slot) ? undefined : this.peek(slot)
  }

  /**
   * This bag under an extended vocabulary, with more values behind it (the outputs of handlers, which expressions of
   * one rule may use). Reads go on recording here; looks at the added slots are not recorded.
   */
  extended(vocabulary: Vocabulary, more: Iterable<readonly [Slot, AttributeValue]>): AttributeBag {
    const extended = new AttributeBag(vocabulary)
    extended.references = this.references
    for (let slot = 0; slot < this.#values.length; slot++) extended.#values[slot] = this.#values[slot]
    extended.#produced = this.#produced
    for (const [slot, value] of more) extended.#values[slot] = value
    return extended
  }
}
