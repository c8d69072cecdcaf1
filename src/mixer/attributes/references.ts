import type { Slot, Vocabulary } from './vocabulary.js'

/** One thing that was looked at: an attribute, or one key of a string map; and whether it was there. */
export interface Reference {
  readonly slot: Slot
  /** The key of a string map; undefined when the attribute itself was looked at. */
  readonly mapKey: string | undefined
  readonly present: boolean
  /** The whole map was read, not single keys: the answer depends on every entry. Only for string maps that are present. */
  readonly wholeMap: boolean
}

const unread = 0
const present = 1
const absent = 2
const whole = 3

/**
 * What an evaluation has looked at in one bag. A later look at the same thing overwrites the earlier one, which it
 * can only repeat, because a bag's own values do not change.
 */
export class References {
  readonly #size: number
  /**
   * Two bits a slot, four slots a byte: V8 keeps arrays of up to 64 bytes in its own heap, and larger ones outside,
   * where making one costs ten times as much. There is one of these in every request.
   */
  #attributes: Uint8Array
  #keys: Map<Slot, Map<string, boolean>> | undefined

  constructor(size: number) {
    this.#size = size
    this.#attributes = new Uint8Array((size + 3) >> 2)
  }

  /** An attribute that is no map, or a map that is absent. Slots beyond the vocabulary (rule outputs) are not kept. */
  attribute(slot: Slot, isPresent: boolean): void {
    this.#mark(slot, isPresent ? present : absent)
  }

  /** A whole string map that is present. */
  wholeMap(slot: Slot): void {
    this.#mark(slot, whole)
  }

  #mark(slot: Slot, state: number): void {
    if (slot >= this.#size) return
    const at = slot >> 2
    const shift = (slot & 3) << 1
    const four = this.#attributes[at] ?? 0
    this.#attributes[at] = (four & ~(3 << shift)) | (state << shift)
  }

  /** A key of a string map that is present. */
  mapKey(slot: Slot, key: string, isPresent: boolean): void {
    if (slot >= this.#size) return
    if (this.#keys === undefined) this.#keys = new Map()
    let keys = this.#keys.get(slot)
    if (keys === undefined) {
      keys = new Map()
      this.#keys.set(slot, keys)
    }
    keys.set(key, isPresent)
  }

  /** What was looked at elsewhere, in the same bag or in one that has the same there. */
  add(others: References): void {
    const attributes = this.#attributes
    // The same look finds the same, so that two of them are one: no state becomes another.
    for (let at = 0; at < attributes.length; at++)
      attributes[at] = (attributes[at] ?? 0) | (others.#attributes[at] ?? 0)
    if (others.#keys === undefined) return
    for (const [slot, keys] of others.#keys)
      for (const [key, isPresent] of keys) this.mapKey(slot, key, isPresent)
  }

  /** A copy that later looks do not change. */
  copy(): References {
    const copy = new References(this.#size)
    copy.#attributes = this.#attributes.slice()
    if (this.#keys !== undefined) {
      copy.#keys = new Map()
      for (const [slot, keys] of this.#keys) copy.#keys.set(slot, new Map(keys))
    }
    return copy
  }

  /** Everything looked at: attributes in order of slots, then map keys in the order first read. */
  list(): Reference[] {
    const list: Reference[] = []
    const attributes = this.#attributes
    for (let at = 0; at < attributes.length; at++) {
      let four = attributes[at] ?? 0
      for (let slot = at << 2; four !== 0; slot++, four >>= 2) {
        const state = four & 3
        if (state !== unread)
          list.push({ slot, mapKey: undefined, present: state !== absent, wholeMap: state === whole })
      }
    }
    if (this.#keys !== undefined)
      for (const [slot, keys] of this.#keys)
        for (const [mapKey, isPresent] of keys)
          list.push({ slot, mapKey, present: isPresent, wholeMap: false })
    return list
  }

  /**
   * `name`, `-name`, `name[key]`, `-name[key]`, sorted: the form of `outboard eval`. A present map that was read as a
   * whole is not listed, as upstream records nothing for it (reference dispatch, section 6).
   */
  print(vocabulary: Vocabulary): string[] {
    return this.list()
      .filter(({ wholeMap }) => !wholeMap)
      .map(({ slot, mapKey, present: isPresent }) => {
        const name = vocabulary.name(slot)
        return `${isPresent ? '' : '-'}${name}${mapKey === undefined ? '' : `[${mapKey}]`}`
      })
      .sort()
  }
}
