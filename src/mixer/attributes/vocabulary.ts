import type { ValueType } from './value.js'

/** The place of an attribute in a bag: an index from 0, valid for one vocabulary. */
export type Slot = number

export interface Declaration {
  readonly name: string
  readonly type: ValueType
}

/**
 * The attributes that a snapshot knows: name to slot and type. Immutable. Slots are dense, in the order given.
 * Equal declarations in the same order give vocabularies with equal `fingerprint`, so that tables derived from one
 * (a door's dictionary, say) can be kept across snapshots that did not change it.
 */
export class Vocabulary {
  readonly size: number
  readonly fingerprint: string
  readonly #slots = new Map<string, Slot>()
  readonly #names: string[] = []
  readonly #types: ValueType[] = []

  /** Declarations with distinct names; a name given twice is an error of the caller. */
  constructor(declarations: Iterable<Declaration>) {
    for (const { name, type } of declarations) {
      if (this.#slots.has(name)) throw new TypeError(`attribute "${name}" is declared twice`)
      this.#slots.set(name, this.#names.length)
      this.#names.push(name)
      this.#types.push(type)
    }
    this.size = this.#names.length
    this.fingerprint = this.#names.map((name, slot) => `${name.length}:${name}${this.#types[slot]}`).join('')
  }

  /** The slot of a name, or undefined when it is not declared. */
  slot(name: string): Slot | undefined {
    return this.#slots.get(name)
  }

  name(slot: Slot): string {
    const name = this.#names[slot]
    if (name === undefined) throw new RangeError(`no slot ${slot} in a vocabulary of ${this.size}`)
    return name
  }

  type(slot: Slot): ValueType {
    const type = this.#types[slot]
    if (type === undefined) throw new RangeError(`no slot ${slot} in a vocabulary of ${this.size}`)
    return type
  }

  typeOf(name: string): ValueType | undefined {
    const slot = this.#slots.get(name)
    return slot === undefined ? undefined : this.#types[slot]
  }

  names(): readonly string[] {
    return this.#names
  }

  /** This vocabulary and more names behind it; every slot of this one keeps its number. Names known here are skipped. */
  extend(more: Iterable<Declaration>): Vocabulary {
    const fresh = [...more].filter(({ name }) => !this.#slots.has(name))
    if (fresh.length === 0) return this
    const own = this.#names.map((name, slot) => ({ name, type: this.type(slot) }))
    return new Vocabulary([...own, ...fresh])
  }
}
