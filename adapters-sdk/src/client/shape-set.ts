import type { AttributeValues } from '../values.js'
import type { AttributeReference } from './answer.js'
import { Shape } from './shape.js'

interface NumberedShape {
  readonly shape: Shape
  /** Stands before its keys, so that two shapes never share one. */
  readonly prefix: string
}

/** The shapes seen, the most recently useful first. Of more than the bound the least recently useful is forgotten. */
export class ShapeSet {
  readonly #shapes: NumberedShape[] = []

  /** `nextPrefix` gives a text that it never gave before. */
  constructor(
    private readonly maxShapes: number,
    private readonly nextPrefix: () => string,
  ) {}

  get size(): number {
    return this.#shapes.length
  }

  /** The first that `find` finds, over the keys that a request has under the shapes. */
  find<T>(attributes: AttributeValues, find: (key: string) => T | undefined): T | undefined {
    const shapes = this.#shapes
    for (let index = 0; index < shapes.length; index++) {
      const numbered = shapes[index]
      const values = numbered?.shape.keyOf(attributes)
      if (numbered === undefined || values === undefined) continue
      const found = find(numbered.prefix + values)
      if (found === undefined) continue
      if (index > 0) {
        shapes.splice(index, 1)
        shapes.unshift(numbered)
      }
      return found
    }
    return undefined
  }

  /** The key under which an answer to a request is to be kept; undefined when it must not be kept. */
  keyFor(references: readonly AttributeReference[], attributes: AttributeValues): string | undefined {
    const shape = Shape.of(references, attributes)
    const values = shape?.keyOf(attributes)
    if (shape === undefined || values === undefined) return undefined
    return this.#numbered(shape).prefix + values
  }

  #numbered(shape: Shape): NumberedShape {
    const known = this.#shapes.find(numbered => numbered.shape.fingerprint === shape.fingerprint)
    if (known !== undefined) return known
    const numbered = { shape, prefix: this.nextPrefix() }
    this.#shapes.unshift(numbered)
    // Entries of the shape that goes can no longer be found; they leave as the least recently used.
    if (this.#shapes.length > this.maxShapes) this.#shapes.pop()
    return numbered
  }
}
