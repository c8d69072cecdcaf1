import { LRUCache } from 'lru-cache'
import type { AttributeBag, References } from '../mixer/attributes/index.js'
import { spend } from './budget.js'
import { type Entry, sizeOf } from './entry.js'
import { flat } from './flat.js'
import type { CacheMeters } from './meters.js'
import { type ResolvedCacheOptions, shareOf } from './options.js'
import { Shape } from './shape.js'
import type { Withdrawals } from './withdrawals.js'

export interface Hit {
  readonly entry: Entry
  readonly shape: Shape
}

interface NumberedShape {
  readonly shape: Shape
  /** Stands before its keys, so that two shapes never share one. */
  readonly prefix: string
}

/**
 * The combined answers of one snapshot. A look-up tries the few shapes seen, the most recently useful first, and then
 * the exact values under that shape. A new snapshot gets a new generation: leaving the old one behind takes no time.
 */
export class Generation {
  readonly #entries: LRUCache<string, Entry>
  #shapes: NumberedShape[] = []
  #nextShape = 0

  constructor(
    readonly snapshotId: number,
    readonly revision: string,
    private readonly options: ResolvedCacheOptions,
    private readonly withdrawals: Withdrawals,
    private readonly meters: CacheMeters,
  ) {
    this.#entries = new LRUCache({
      max: options.maxEntries,
      maxSize: shareOf(options.maxBytes, 'answers'),
      sizeCalculation: (entry, key) => sizeOf(key, entry),
      dispose: (_entry, _key, reason) => {
        if (reason === 'evict') meters.evicted('full')
      },
    })
  }

  get size(): number {
    return this.#entries.size
  }

  get bytes(): number {
    return this.#entries.calculatedSize
  }

  get shapes(): readonly Shape[] {
    return this.#shapes.map(({ shape }) => shape)
  }

  /** Looks without recording. A hit uses the entry once. */
  find(bag: AttributeBag, now: number): Hit | undefined {
    const shapes = this.#shapes
    for (let index = 0; index < shapes.length; index++) {
      const numbered = shapes[index]
      if (numbered === undefined) continue
      const values = numbered.shape.keyOf(bag)
      if (values === undefined) continue
      const key = numbered.prefix + values
      const entry = this.#entries.get(key)
      if (entry === undefined || !this.#use(key, entry, now)) continue
      if (index > 0) {
        shapes.splice(index, 1)
        shapes.unshift(numbered)
      }
      return { entry, shape: numbered.shape }
    }
    return undefined
  }

  /** Keeps an answer under what it depended on. */
  keep(references: References, bag: AttributeBag, entry: Entry): Shape | undefined {
    const numbered = this.#shapeOf(references, bag)
    const values = numbered.shape.keyOf(bag)
    if (values === undefined) return undefined // it looked at something that this bag does not send: never kept
    this.#entries.set(flat(numbered.prefix + values), entry)
    this.meters.kept.add(1)
    return numbered.shape
  }

  /** Entries with their shapes and values, most recently used first, at most so many. */
  *sample(count: number): Generator<{ readonly shape: Shape; readonly parts: ReturnType<Shape['partsOf']> }> {
    const byPrefix = new Map(this.#shapes.map(({ shape, prefix }) => [prefix, shape]))
    let seen = 0
    for (const key of this.#entries.keys()) {
      if (seen++ >= count) return
      const prefix = key.slice(0, key.indexOf('|') + 1)
      const shape = byPrefix.get(prefix)
      if (shape !== undefined) yield { shape, parts: shape.partsOf(key.slice(prefix.length)) }
    }
  }

  #use(key: string, entry: Entry, now: number): boolean {
    if (entry.expiresAt <= now) return this.#gone(key, 'expired')
    if (!this.withdrawals.holds(entry.began, entry.outcome.parts)) return this.#gone(key, 'withdrawn')
    if (spend(entry.budgets) === 'used-up') return this.#gone(key, 'used_up')
    return true
  }

  #gone(key: string, reason: 'expired' | 'withdrawn' | 'used_up'): false {
    this.#entries.delete(key)
    this.meters.evicted(reason)
    return false
  }

  #shapeOf(references: References, bag: AttributeBag): NumberedShape {
    const shape = new Shape(references, bag.vocabulary)
    const known = this.#shapes.find(numbered => numbered.shape.fingerprint === shape.fingerprint)
    if (known !== undefined) return known
    const numbered = { shape, prefix: `${this.#nextShape++}|` }
    this.#shapes.unshift(numbered)
    // Entries of the shape that goes can no longer be found; they leave as the least recently used.
    if (this.#shapes.length > this.options.maxShapes) this.#shapes.pop()
    return numbered
  }
}
