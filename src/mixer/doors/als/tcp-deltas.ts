/**
 * The last byte counts of open connections: entries carry totals, and Istio's metrics count what was added since the
 * entry before. At most `maxConnections`; the one longest silent goes first, and its next entry counts from nothing.
 */
export class TcpDeltas {
  readonly #last = new Map<string, { readonly received: number; readonly sent: number }>()
  readonly #maxConnections: number

  constructor(maxConnections: number) {
    this.#maxConnections = maxConnections
  }

  /** What was added since the last entry of this connection. `last`: there will be no other. */
  since(
    id: string,
    received: number,
    sent: number,
    more: 'more' | 'last',
  ): { readonly received: number; readonly sent: number } {
    const before = this.#last.get(id)
    this.#last.delete(id)
    if (more === 'more') {
      this.#last.set(id, { received, sent })
      if (this.#last.size > this.#maxConnections) {
        const [oldest] = this.#last.keys()
        if (oldest !== undefined) this.#last.delete(oldest)
      }
    }
    // A count that fell is of another connection under the same id.
    if (before === undefined || received < before.received || sent < before.sent) return { received, sent }
    return { received: received - before.received, sent: sent - before.sent }
  }
}
