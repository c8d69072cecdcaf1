import type { PlainRecord } from './record.js'
import { Trust } from './trust.js'

/** Records that are kept by one memory. A power of two. */
const places = 256

interface Kept<Part> {
  readonly parts: readonly Part[]
  readonly record: PlainRecord
}

/**
 * Records that were made before, by the very objects that they are made of: a service has few different sets of dimensions, and
 * a record that is there already need not be made, nor looked through again by whoever knows it. What is kept is frozen, since
 * many get it. At most 256 are kept; one goes when another takes its place.
 */
export class KnownRecords<Part extends object> {
  #kept: (Kept<Part> | undefined)[] | undefined
  readonly #trust = new Trust()

  /** The record of these parts, in their order; undefined: make it. `hash`: an integer, the same for the same parts. */
  find(parts: readonly Part[], hash: number): PlainRecord | undefined {
    const kept = this.#kept?.[placeOf(hash)]
    if (kept === undefined || kept.parts.length !== parts.length) return undefined
    for (let i = 0; i < parts.length; i++) if (kept.parts[i] !== parts[i]) return undefined
    this.#trust.earn()
    return kept.record
  }

  /** Freezes a record, and may keep it for `find`. */
  keep(parts: readonly Part[], hash: number, record: PlainRecord): void {
    Object.freeze(record)
    if (!this.#trust.spend()) return
    this.#kept ??= new Array<Kept<Part> | undefined>(places).fill(undefined)
    this.#kept[placeOf(hash)] = { parts: [...parts], record }
  }
}

function placeOf(hash: number): number {
  return (hash ^ (hash >>> 8) ^ (hash >>> 16)) & (places - 1)
}
