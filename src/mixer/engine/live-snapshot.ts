import type { Snapshot } from '../config/snapshot.js'
import type { CacheScope } from './cache-port.js'
import type { HandlerTable, Served } from './handler-table.js'

/** A snapshot with its handlers open, and how many requests still hold it. */
export class LiveSnapshot {
  readonly scope: CacheScope
  #holders = 0
  #whenFree: (() => void) | undefined

  constructor(
    readonly snapshot: Snapshot,
    readonly handlers: HandlerTable,
  ) {
    this.scope = { revision: snapshot.revision, snapshotId: snapshot.id }
  }

  /** The handler in service for an action. Every handler that a rule names was opened before the snapshot went live. */
  served(handlerId: string): Served {
    const served = this.handlers.served.get(handlerId)
    if (served === undefined) throw new TypeError(`handler "${handlerId}" of the snapshot was not opened`)
    return served
  }

  hold(): void {
    this.#holders++
  }

  release(): void {
    this.#holders--
    if (this.#holders === 0) this.#whenFree?.()
  }

  /** Resolves when no request holds it any more. */
  free(): Promise<void> {
    if (this.#holders === 0) return Promise.resolve()
    return new Promise(resolve => {
      this.#whenFree = resolve
    })
  }
}
