/** Places at the beginning, a power of two. */
const firstPlaces = 64
/** Places at most; calls that stay longer than so many later ones are kept apart. */
const mostPlaces = 65_536

/**
 * The calls under way of one session, found by id. Ids must ascend, as they do in the protocol.
 *
 * Not a `Map`: whenever a map of V8 is full it moves to a new table, to which the old one keeps pointing. Once one of these
 * has become old, each later one is kept for its sake until the next full collection, dead as it is, with every call that it
 * held. Here a call has its place by its id and leaves nothing behind. Measured in src/bench/calls/table.ts: with 64 calls
 * under way, each 800 bytes, a call costs a seventh.
 */
export class CallTable<Call extends { readonly id: number }> {
  #places: (Call | undefined)[] = new Array(firstPlaces).fill(undefined)
  #size = 0
  /** Calls so slow that a later one needed their place. */
  readonly #slow = new Map<number, Call>()

  get size(): number {
    return this.#size
  }

  get(id: number): Call | undefined {
    const call = this.#places[this.#placeOf(id)]
    if (call !== undefined && call.id === id) return call
    return this.#slow.size === 0 ? undefined : this.#slow.get(id)
  }

  /** Its id is higher than every earlier one. */
  add(call: Call): void {
    while (this.#size >= this.#places.length / 2 && this.#places.length < mostPlaces) this.#grow()
    this.#place(call)
    this.#size++
  }

  delete(id: number): boolean {
    const place = this.#placeOf(id)
    const call = this.#places[place]
    if (call !== undefined && call.id === id) this.#places[place] = undefined
    else if (!this.#slow.delete(id)) return false
    this.#size--
    return true
  }

  clear(): void {
    this.#places.fill(undefined)
    this.#slow.clear()
    this.#size = 0
  }

  /** In no order. Calls may be deleted meanwhile. */
  *values(): Generator<Call> {
    if (this.#size === 0) return
    yield* this.#slow.values()
    for (const call of this.#places) if (call !== undefined) yield call
  }

  /** The one with the lowest id. */
  oldest(): Call | undefined {
    let oldest: Call | undefined
    for (const call of this.values()) if (oldest === undefined || call.id < oldest.id) oldest = call
    return oldest
  }

  #placeOf(id: number): number {
    // The low bits, also of ids beyond 32 bits.
    return id & (this.#places.length - 1)
  }

  #place(call: Call): void {
    const place = this.#placeOf(call.id)
    const before = this.#places[place]
    if (before !== undefined) this.#slow.set(before.id, before)
    this.#places[place] = call
  }

  #grow(): void {
    const calls = this.#places.filter(call => call !== undefined)
    this.#places = new Array(this.#places.length * 2).fill(undefined)
    for (const call of calls.sort((a, b) => a.id - b.id)) this.#place(call)
  }
}
