import type { AttributeValues } from '../values.js'
import type { AttributeReference } from './answer.js'
import { BoundedMap } from './bounded-map.js'
import { QuotaCell } from './quota-cell.js'
import { ShapeSet } from './shape-set.js'
import { textPart } from './value-key.js'

interface KeptCell {
  readonly cell: QuotaCell
  usedAt: number
}

/** Names of quotas that are remembered; the one not used for longest goes first. */
const maxNames = 1_000
/** Sets of references tried for one name. */
const maxShapes = 64
/** A cell that nobody asked for so long is forgotten, milliseconds. */
const idleMs = 600_000

/**
 * The cells of all quotas, by the quota's name and the exact values that the server's answer depended on. A cell is made
 * only when an answer has shown where it belongs: until then a request is charged by itself. (Istio's proxy lets the
 * first requests of one name share a cell, whoever they are charged to.)
 */
export class QuotaCache {
  readonly #cells: BoundedMap<KeptCell>
  readonly #shapes = new BoundedMap<ShapeSet>({ maxEntries: maxNames, maxWeight: maxNames })
  readonly #isOn: boolean
  #prefixes = 0

  /** `maxCells` 0: there are no cells, and every request is charged by itself. */
  constructor(maxCells: number) {
    this.#isOn = maxCells > 0
    this.#cells = new BoundedMap({ maxEntries: maxCells, maxWeight: maxCells })
  }

  get size(): number {
    return this.#cells.size
  }

  find(name: string, attributes: AttributeValues, now: number): QuotaCell | undefined {
    return this.#shapes.get(name)?.find(attributes, key => {
      const kept = this.#cells.get(key)
      if (kept === undefined) return undefined
      if (now - kept.usedAt > idleMs) {
        this.#cells.delete(key)
        return undefined
      }
      kept.usedAt = now
      return kept.cell
    })
  }

  /** Makes a cell for requests like this one, unless there is one or the answer does not say which those are. */
  learn(
    name: string,
    references: readonly AttributeReference[],
    attributes: AttributeValues,
    firstGrant: 'full' | 'partial',
    now: number,
  ): void {
    const key = this.#keyFor(name, references, attributes)
    if (key === undefined || this.#cells.get(key) !== undefined) return
    this.#cells.set(key, { cell: new QuotaCell(firstGrant, now), usedAt: now })
  }

  /** Whether an answer still depends on what a cell was filed under; a cell that belongs elsewhere is let go. */
  confirm(
    name: string,
    references: readonly AttributeReference[],
    attributes: AttributeValues,
    cell: QuotaCell,
  ): void {
    const key = this.#keyFor(name, references, attributes)
    if (key !== undefined && this.#cells.get(key)?.cell === cell) return
    this.#shapes.get(name)?.find(attributes, old => {
      if (this.#cells.get(old)?.cell === cell) this.#cells.delete(old)
      return undefined
    })
  }

  #keyFor(
    name: string,
    references: readonly AttributeReference[],
    attributes: AttributeValues,
  ): string | undefined {
    if (!this.#isOn) return undefined
    let shapes = this.#shapes.get(name)
    if (shapes === undefined) {
      shapes = new ShapeSet(maxShapes, () => `${textPart(name)}${this.#prefixes++}|`)
      this.#shapes.set(name, shapes)
    }
    return shapes.keyFor(references, attributes)
  }
}
