interface Weighed<V> {
  readonly value: V
  readonly weight: number
}

/** Bounds of a {@link BoundedMap}: the entry not used for longest goes first. */
export interface MapBounds {
  readonly maxEntries: number
  /** Sum of the entries' weights; one entry heavier than this is not kept. */
  readonly maxWeight: number
}

/** A map that forgets what was not used for longest. A JavaScript map keeps its keys in the order they came in. */
export class BoundedMap<V> {
  readonly #entries = new Map<string, Weighed<V>>()
  #weight = 0

  constructor(private readonly bounds: MapBounds) {}

  get size(): number {
    return this.#entries.size
  }

  get weight(): number {
    return this.#weight
  }

  /** The value, which counts as used now. */
  get(key: string): V | undefined {
    const found = this.#entries.get(key)
    if (found === undefined) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, found)
    return found.value
  }

  /** Keeps a value; the answer is how many others had to go. */
  set(key: string, value: V, weight = 1): number {
    this.delete(key)
    if (weight > this.bounds.maxWeight) return 0
    this.#entries.set(key, { value, weight })
    this.#weight += weight
    let gone = 0
    for (const [oldest] of this.#entries) {
      if (this.#entries.size <= this.bounds.maxEntries && this.#weight <= this.bounds.maxWeight) break
      this.delete(oldest)
      gone++
    }
    return gone
  }

  delete(key: string): void {
    const found = this.#entries.get(key)
    if (found === undefined) return
    this.#entries.delete(key)
    this.#weight -= found.weight
  }
}
