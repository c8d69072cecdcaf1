import type { AttributeValues, Value } from '@outboard/adapters-sdk'
import {
  AttributeBag,
  type AttributeValue,
  Instant,
  int64,
  type Slot,
  type Vocabulary,
} from '../../mixer/attributes/index.js'

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
        return slot === undefined ? [] : [[slot, inside(value)] as const]
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

/** The form that a value has inside the host. */
function inside(value: Value): AttributeValue {
  switch (value.type) {
    case 'STRING':
    case 'EMAIL_ADDRESS':
    case 'URI':
    case 'DNS_NAME':
    case 'DOUBLE':
    case 'BOOL':
    case 'IP_ADDRESS':
      return value.value
    case 'INT64':
    case 'DURATION':
      return int64(value.value)
    case 'TIMESTAMP':
      return new Instant(value.value.seconds, value.value.nanos)
    case 'STRING_MAP':
      return new Map(Object.entries(value.value))
  }
}
