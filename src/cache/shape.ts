import type {
  AttributeBag,
  Reference,
  References,
  Slot,
  StringMap,
  Vocabulary,
} from '../mixer/attributes/index.js'
import { keyPart, partEnd, textPart } from './value-key.js'

/** One look of a shape: what must be there, or must not. */
type Look =
  | { readonly kind: 'present'; readonly slot: Slot }
  | { readonly kind: 'absent'; readonly slot: Slot }
  | { readonly kind: 'whole-map'; readonly slot: Slot }
  | { readonly kind: 'key-present'; readonly slot: Slot; readonly mapKey: string }
  | { readonly kind: 'key-absent'; readonly slot: Slot; readonly mapKey: string }

function lookOf({ slot, mapKey, present, wholeMap }: Reference): Look {
  if (wholeMap) return { kind: 'whole-map', slot }
  if (mapKey === undefined) return { kind: present ? 'present' : 'absent', slot }
  return { kind: present ? 'key-present' : 'key-absent', slot, mapKey }
}

/**
 * The set of things that an answer depended on, without their values. Answers of one configuration have few shapes.
 * Two bags with equal keys under a shape agree in everything that the answer looked at, so they get the same answer.
 */
export class Shape {
  /** Equal for equal sets of looks, whatever their order. */
  readonly fingerprint: string
  /** What answers found by this shape say they depended on. */
  readonly references: References
  readonly #looks: readonly Look[]
  readonly #vocabulary: Vocabulary

  constructor(references: References, vocabulary: Vocabulary) {
    const looks = references.list().map(lookOf)
    const marks = new Map(looks.map(look => [look, mark(look)]))
    this.#looks = looks.sort((a, b) => ((marks.get(a) ?? '') < (marks.get(b) ?? '') ? -1 : 1))
    this.fingerprint = this.#looks.map(look => marks.get(look)).join('')
    this.references = references
    this.#vocabulary = vocabulary
  }

  /**
   * The values that a bag has where the shape looks, as one text; undefined when the bag differs in what is there.
   * Only what the caller sent counts, and nothing is recorded.
   */
  keyOf(bag: AttributeBag): string | undefined {
    let key = ''
    for (const look of this.#looks) {
      const value = bag.peekSent(look.slot)
      switch (look.kind) {
        case 'present':
        case 'whole-map':
          if (value === undefined) return undefined
          key += keyPart(this.#vocabulary.type(look.slot), value)
          break
        case 'absent':
          if (value !== undefined) return undefined
          break
        case 'key-present': {
          const found = (value as StringMap | undefined)?.get(look.mapKey)
          if (found === undefined) return undefined
          key += textPart(found)
          break
        }
        case 'key-absent':
          if (value === undefined || (value as StringMap).has(look.mapKey)) return undefined
      }
    }
    return key
  }

  /** The values of a key one by one, for people: `name` or `name[key]` with its part of the key. */
  partsOf(key: string): readonly (readonly [name: string, part: string])[] {
    const parts: [string, string][] = []
    let at = 0
    for (const look of this.#looks) {
      if (look.kind === 'absent' || look.kind === 'key-absent') continue
      const name = this.#vocabulary.name(look.slot)
      const end =
        look.kind === 'key-present'
          ? partEnd('STRING', key, at)
          : partEnd(this.#vocabulary.type(look.slot), key, at)
      parts.push([look.kind === 'key-present' ? `${name}[${look.mapKey}]` : name, key.slice(at, end)])
      at = end
    }
    return parts
  }

  /** What it looks at, for people: `name`, `-name`, `name[key]`, `-name[key]`, `name[*]`. */
  print(): string[] {
    return this.#looks.map(look => printed(look, this.#vocabulary.name(look.slot)))
  }
}

function printed(look: Look, name: string): string {
  switch (look.kind) {
    case 'present':
      return name
    case 'absent':
      return `-${name}`
    case 'whole-map':
      return `${name}[*]`
    case 'key-present':
      return `${name}[${look.mapKey}]`
    case 'key-absent':
      return `-${name}[${look.mapKey}]`
  }
}

function mark(look: Look): string {
  switch (look.kind) {
    case 'present':
      return `p${look.slot};`
    case 'absent':
      return `a${look.slot};`
    case 'whole-map':
      return `w${look.slot};`
    case 'key-present':
      return `k${look.slot};${textPart(look.mapKey)}`
    case 'key-absent':
      return `m${look.slot};${textPart(look.mapKey)}`
  }
}
