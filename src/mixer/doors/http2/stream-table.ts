/** Places of a new table; it doubles when half of them are taken. A power of two. */
const firstPlaces = 32

/**
 * What Node keeps the streams of a connection in, by stream number: a `Map` that leaves nothing behind.
 *
 * A `Map` that is full moves to new memory, and what it has left still points to the streams that were in it, and to where it
 * went. Once one such piece has become old, all that came after it is kept until the next full collection: of a busy
 * connection, every stream that was open during a small one. This table writes over its places.
 *
 * Stream numbers of one side are odd, or even, and ascend; those open at once are near each other, so that nearly each has a
 * place of its own. One whose place is taken goes into a `Map` beside.
 */
export class StreamTable<Stream> implements Map<number, Stream> {
  #ids: number[] = new Array<number>(firstPlaces).fill(0)
  #streams: (Stream | undefined)[] = new Array<Stream | undefined>(firstPlaces).fill(undefined)
  readonly #beside = new Map<number, Stream>()
  #placed = 0

  get size(): number {
    return this.#placed + this.#beside.size
  }

  get [Symbol.toStringTag](): string {
    return 'StreamTable'
  }

  get(id: number): Stream | undefined {
    const place = this.#placeOf(id)
    return this.#ids[place] === id ? this.#streams[place] : this.#beside.get(id)
  }

  has(id: number): boolean {
    return this.#ids[this.#placeOf(id)] === id || this.#beside.has(id)
  }

  set(id: number, stream: Stream): this {
    const place = this.#placeOf(id)
    const there = this.#ids[place]
    if (there === id) this.#streams[place] = stream
    else if (there !== 0 || id <= 0 || this.#beside.has(id)) this.#beside.set(id, stream)
    else {
      this.#ids[place] = id
      this.#streams[place] = stream
      if (++this.#placed * 2 > this.#ids.length) this.#grow()
    }
    return this
  }

  delete(id: number): boolean {
    const place = this.#placeOf(id)
    if (this.#ids[place] !== id) return this.#beside.delete(id)
    this.#ids[place] = 0
    this.#streams[place] = undefined
    this.#placed--
    return true
  }

  clear(): void {
    this.#ids.fill(0)
    this.#streams.fill(undefined)
    this.#beside.clear()
    this.#placed = 0
  }

  /** What is added meanwhile may be met or not; what is deleted meanwhile is not. */
  *entries(): MapIterator<[number, Stream]> {
    for (const id of [...this.#ids]) {
      const stream = id === 0 ? undefined : this.get(id)
      if (stream !== undefined) yield [id, stream]
    }
    yield* this.#beside.entries()
  }

  *keys(): MapIterator<number> {
    for (const [id] of this.entries()) yield id
  }

  *values(): MapIterator<Stream> {
    for (const [, stream] of this.entries()) yield stream
  }

  [Symbol.iterator](): MapIterator<[number, Stream]> {
    return this.entries()
  }

  forEach(told: (stream: Stream, id: number, table: Map<number, Stream>) => void, self?: unknown): void {
    for (const [id, stream] of this.entries()) told.call(self, stream, id, this)
  }

  #placeOf(id: number): number {
    return (id >>> 1) & (this.#ids.length - 1)
  }

  #grow(): void {
    const entries = [...this.entries()]
    const places = this.#ids.length * 2
    this.#ids = new Array<number>(places).fill(0)
    this.#streams = new Array<Stream | undefined>(places).fill(undefined)
    this.#beside.clear()
    this.#placed = 0
    for (const [id, stream] of entries) this.set(id, stream)
  }
}

/**
 * Gives a new connection such a table, where Node keeps its streams as it did when this was written; otherwise nothing is
 * touched, and it works as before. What it gains: docs/decisions/heap.md.
 */
export function lightenSession(session: object): 'lightened' | 'left' {
  const key = Object.getOwnPropertySymbols(session).find(symbol => symbol.description === 'state')
  const state: unknown = key === undefined ? undefined : Reflect.get(session, key)
  if (typeof state !== 'object' || state === null || !('streams' in state)) return 'left'
  if (!isEmptyMap(state.streams)) return 'left'
  state.streams = new StreamTable()
  return 'lightened'
}

/** Node's own class of maps has another prototype. */
function isEmptyMap(value: unknown): boolean {
  return Object.prototype.toString.call(value) === '[object Map]' && Reflect.get(Object(value), 'size') === 0
}
