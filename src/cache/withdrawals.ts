import type { TookPart } from '../mixer/engine/cache-port.js'

/** Withdrawn keys that one handler may have remembered; beyond them everything of the handler is withdrawn instead. */
const maxKeysPerHandler = 10_000

/** Handlers that are remembered; beyond them everything is withdrawn instead, and remembering begins anew. */
const maxHandlers = 10_000

/**
 * What adapters have taken back. Time is a number that grows by one with each withdrawal: an answer whose question
 * began before a withdrawal that concerns it does not hold, also when it is kept after. So a withdrawal costs O(1) and
 * cannot be overtaken by an answer that was under way.
 */
export class Withdrawals {
  #now = 0
  #everything = 0
  readonly #handlers = new Map<string, HandlerWithdrawals>()

  /** The moment to note when a question begins. */
  get now(): number {
    return this.#now
  }

  everything(): void {
    this.#everything = ++this.#now
  }

  /** All answers of a handler, or those under a key. */
  withdraw(handler: string, key: string | undefined): void {
    const moment = ++this.#now
    const withdrawn = this.#of(handler)
    if (withdrawn === undefined) return
    if (key === undefined || withdrawn.keys.size >= maxKeysPerHandler) {
      withdrawn.all = moment
      withdrawn.keys.clear()
    } else withdrawn.keys.set(key, moment)
  }

  /** Answers of a handler may have been withdrawn without our hearing of it. */
  doubt(handler: string): void {
    const moment = ++this.#now
    const withdrawn = this.#of(handler)
    if (withdrawn !== undefined) withdrawn.doubted = moment
  }

  /** undefined: there were too many, and everything is withdrawn. */
  #of(handler: string): HandlerWithdrawals | undefined {
    let withdrawn = this.#handlers.get(handler)
    if (withdrawn === undefined) {
      if (this.#handlers.size >= maxHandlers) {
        this.#handlers.clear()
        this.#everything = this.#now
        return undefined
      }
      withdrawn = { all: 0, doubted: 0, keys: new Map() }
      this.#handlers.set(handler, withdrawn)
    }
    return withdrawn
  }

  /** Whether an answer still holds, beyond doubt, whose question began at a moment and in which these took part. */
  holds(began: number, parts: readonly TookPart[]): boolean {
    for (const { handler } of parts) if (began < (this.#handlers.get(handler)?.doubted ?? 0)) return false
    return this.stands(began, parts)
  }

  /** Whether it was not withdrawn, as far as was heard. */
  stands(began: number, parts: readonly TookPart[]): boolean {
    if (began < this.#everything) return false
    for (const { handler, cacheKeys } of parts) {
      const withdrawn = this.#handlers.get(handler)
      if (withdrawn === undefined) continue
      if (began < withdrawn.all) return false
      if (withdrawn.keys.size > 0)
        for (const key of cacheKeys) if (began < (withdrawn.keys.get(key) ?? 0)) return false
    }
    return true
  }
}

interface HandlerWithdrawals {
  /** When all of it was withdrawn last. */
  all: number
  /** When it was doubted last. */
  doubted: number
  readonly keys: Map<string, number>
}
