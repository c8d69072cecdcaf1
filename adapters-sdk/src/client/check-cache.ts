import type { AttributeValues } from '../values.js'
import type { Precondition } from './answer.js'
import { BoundedMap } from './bounded-map.js'
import { ShapeSet } from './shape-set.js'

interface Entry {
  readonly verdict: Precondition
  /** Milliseconds of the client's clock; infinite when the server gave no validity. */
  readonly expiresAt: number
  usesLeft: number
}

/** Bounds of the check cache. */
export interface CheckCacheBounds {
  /** Verdicts; 0: nothing is kept. */
  readonly maxEntries: number
  /** Bytes of verdicts and their keys, as estimated. */
  readonly maxBytes: number
  /** Sets of references that a look-up tries. */
  readonly maxShapes: number
}

/**
 * Verdicts by the exact values of what they depended on. Source: reference proxy-client, section 4, with its hazards
 * mended: keys are the values themselves instead of a hash, and absence of a whole map is absence of the whole map.
 */
export class CheckCache {
  readonly #entries: BoundedMap<Entry>
  readonly #shapes: ShapeSet
  readonly #isOn: boolean
  #prefixes = 0

  constructor({ maxEntries, maxBytes, maxShapes }: CheckCacheBounds) {
    this.#isOn = maxEntries > 0
    this.#entries = new BoundedMap({ maxEntries, maxWeight: maxBytes })
    this.#shapes = new ShapeSet(maxShapes, () => `${this.#prefixes++}|`)
  }

  get size(): number {
    return this.#entries.size
  }

  /** A verdict that holds now; finding it uses it once. */
  find(attributes: AttributeValues, now: number): Precondition | undefined {
    return this.#shapes.find(attributes, key => {
      const entry = this.#entries.get(key)
      if (entry === undefined) return undefined
      if (entry.expiresAt <= now) {
        this.#entries.delete(key)
        return undefined
      }
      entry.usesLeft--
      if (entry.usesLeft < 1) this.#entries.delete(key)
      return entry.verdict
    })
  }

  /**
   * Keeps a verdict when it may be kept. `sentAt`: when the question was sent, from which its validity counts, because
   * the server's clock may have begun then. The answer is how many others had to go.
   */
  keep(attributes: AttributeValues, verdict: Precondition, sentAt: number, now: number): number {
    const { validForMs, validUses, references } = verdict
    const expiresAt = validForMs === undefined ? Number.POSITIVE_INFINITY : sentAt + validForMs
    if (!this.#isOn || validUses === 0 || expiresAt <= now) return 0
    const key = this.#shapes.keyFor(references, attributes)
    if (key === undefined) return 0
    const usesLeft = validUses < 0 ? Number.POSITIVE_INFINITY : validUses
    return this.#entries.set(key, { verdict, expiresAt, usesLeft }, bytesOf(key, verdict))
  }
}

/** Bytes that an entry takes, about: two for each character, and its objects. */
function bytesOf(key: string, { message, references, directive }: Precondition): number {
  let bytes = 300 + (key.length + message.length) * 2 + references.length * 80
  if (directive !== undefined) {
    bytes += directive.directBody.length * 2
    for (const { name, value } of [...directive.request, ...directive.response])
      bytes += 100 + (name.length + value.length) * 2
  }
  return bytes
}
