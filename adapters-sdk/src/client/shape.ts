import type { AttributeValues, Value } from '../values.js'
import type { AttributeReference } from './answer.js'
import { isSent } from './held-attributes.js'
import { keyPart, textPart } from './value-key.js'

/** One look of a shape: what must be there, or must not. */
type Look =
  | { readonly kind: 'present' | 'absent'; readonly name: string }
  | { readonly kind: 'key-present' | 'key-absent'; readonly name: string; readonly mapKey: string }

/** An attribute as the server sees it: nothing that objects inherit, and no empty map. */
function attributeOf(attributes: AttributeValues, name: string): Value | undefined {
  const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined
  return value !== undefined && isSent(value) ? value : undefined
}

/**
 * The look that a reference means for the request it was given for; undefined: none that can be relied on.
 *
 * - a number in neither dictionary, a pattern, or a condition of a later version cannot be followed
 * - a string map as a whole is never EXACT (reference wire-mixer-v1, section 8): what was read of it is not known
 * - an absent map is absent as a whole: a later request that has the map is another question. Istio's proxy takes it
 *   for the same (reference proxy-client, section 4, hazard b)
 */
function lookOf(reference: AttributeReference, attributes: AttributeValues): Look | undefined {
  const { name, mapKey, condition } = reference
  if (name === undefined || (condition !== 'ABSENCE' && condition !== 'EXACT')) return undefined
  const value = attributeOf(attributes, name)
  const isMap = value?.type === 'STRING_MAP'
  if (condition === 'EXACT') {
    if (isMap !== (mapKey !== undefined)) return undefined
    return mapKey === undefined ? { kind: 'present', name } : { kind: 'key-present', name, mapKey }
  }
  if (value === undefined) return { kind: 'absent', name }
  return isMap && mapKey !== undefined ? { kind: 'key-absent', name, mapKey } : undefined
}

/**
 * The set of things that an answer depended on, without their values. Two requests with equal keys under a shape agree
 * in everything that the answer looked at, so they get the same answer.
 */
export class Shape {
  /** Equal for equal sets of looks, whatever their order. */
  readonly fingerprint: string
  readonly #looks: readonly Look[]

  private constructor(looks: readonly Look[]) {
    const marked = new Map(looks.map(look => [mark(look), look]))
    const marks = [...marked.keys()].sort()
    this.fingerprint = marks.join('')
    this.#looks = marks.flatMap(one => marked.get(one) ?? [])
  }

  /** The shape of an answer to a request; undefined when the answer must not be kept. */
  static of(references: readonly AttributeReference[], attributes: AttributeValues): Shape | undefined {
    const looks: Look[] = []
    for (const reference of references) {
      const look = lookOf(reference, attributes)
      if (look === undefined) return undefined
      looks.push(look)
    }
    return new Shape(looks)
  }

  /** The values that a request has where the shape looks, as one text; undefined when it differs in what is there. */
  keyOf(attributes: AttributeValues): string | undefined {
    let key = ''
    for (const look of this.#looks) {
      const value = attributeOf(attributes, look.name)
      switch (look.kind) {
        case 'present':
          if (value === undefined) return undefined
          key += keyPart(value)
          break
        case 'absent':
          if (value !== undefined) return undefined
          break
        case 'key-present': {
          if (value?.type !== 'STRING_MAP' || !Object.hasOwn(value.value, look.mapKey)) return undefined
          key += textPart(value.value[look.mapKey] ?? '')
          break
        }
        case 'key-absent':
          if (value?.type !== 'STRING_MAP' || Object.hasOwn(value.value, look.mapKey)) return undefined
      }
    }
    return key
  }
}

function mark(look: Look): string {
  switch (look.kind) {
    case 'present':
      return `p${textPart(look.name)}`
    case 'absent':
      return `a${textPart(look.name)}`
    case 'key-present':
      return `k${textPart(look.name)}${textPart(look.mapKey)}`
    case 'key-absent':
      return `m${textPart(look.name)}${textPart(look.mapKey)}`
  }
}
