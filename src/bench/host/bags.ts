import type { AttributeValues } from '@outboard/adapters-sdk'
import {
  AttributeBag,
  type AttributeValue,
  type Slot,
  type Vocabulary,
} from '../../mixer/attributes/index.js'
import { toAttribute } from '../../mixer/config/instances/index.js'

/** Makes the bags of requests that no door has decoded. */
export class Bags {
  readonly #requests: readonly (readonly (readonly [Slot, AttributeValue])[])[]
  #next = 0

  constructor(
    readonly vocabulary: Vocabulary,
    requests: readonly AttributeValues[],
  ) {
    this.#requests = requests.map(request =>
      Object.entries(request).flatMap(([name, value]) => {
        const slot = vocabulary.slot(name)
        return slot === undefined ? [] : [[slot, toAttribute(value)] as const]
      }),
    )
  }

  /** A new bag of the next request, in turn. */
  next(): AttributeBag {
    const bag = new AttributeBag(this.vocabulary)
    for (const [slot, value] of this.#requests[this.#next++ % this.#requests.length] ?? [])
      bag.set(slot, value)
    return bag
  }
}
