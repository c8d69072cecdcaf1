import { Counters } from './counters.js'
import { DedupMemory } from './dedup.js'

/** Everything that a quota handler remembers. */
export interface QuotaState {
  readonly counters: Counters
  readonly dedup: DedupMemory
}

/**
 * The states by handler name. A handler that is opened anew while its predecessor is still open, as on every change of
 * the configuration, takes over its counters; upstream starts from nothing each time. When the last handler of a name
 * closes, its state goes.
 */
export class QuotaStates {
  readonly #states = new Map<string, { readonly state: QuotaState; openHandlers: number }>()

  /** Counts one more handler of this name as open. */
  open(handler: string): QuotaState {
    let entry = this.#states.get(handler)
    if (entry === undefined) {
      entry = { state: { counters: new Counters(), dedup: new DedupMemory() }, openHandlers: 0 }
      this.#states.set(handler, entry)
    }
    entry.openHandlers++
    return entry.state
  }

  close(handler: string): void {
    const entry = this.#states.get(handler)
    if (entry === undefined) return
    entry.openHandlers--
    if (entry.openHandlers === 0) this.#states.delete(handler)
  }
}
