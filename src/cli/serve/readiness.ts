import { type Condition, type Readiness, readiness } from '../../mixer/admin/index.js'
import type { EngineStatus, HandlerState } from '../../mixer/engine/index.js'

export interface ReadinessFacts {
  readonly status: EngineStatus
  readonly doorsListening: boolean
  /** Why the host is going down; undefined while it is not. */
  readonly draining: string | undefined
}

/**
 * Whether the host can answer as configured. A handler whose failures let requests pass (`open`) is not waited for. One
 * that was ready once stays met: when its adapter goes away later, its failure policy decides, and taking every host out of
 * service would only make it worse.
 */
export class HostReadiness {
  readonly #seenReady = new Set<string>()

  of({ status, doorsListening, draining }: ReadinessFacts): Readiness {
    const conditions: Condition[] = [
      {
        name: 'configuration',
        met: status.snapshot !== undefined,
        reason: status.snapshot === undefined ? 'no configuration is in force yet' : '',
      },
      { name: 'doors', met: doorsListening, reason: doorsListening ? '' : 'no door is open' },
      this.#handlers(status.handlers),
      { name: 'serving', met: draining === undefined, reason: draining ?? '' },
    ]
    return readiness(conditions)
  }

  #handlers(handlers: readonly HandlerState[]): Condition {
    const waited = handlers.filter(handler => !this.#isMet(handler)).map(({ id }) => id)
    const reason = waited.length === 0 ? '' : `not reached yet: ${waited.join(', ')}`
    return { name: 'handlers', met: waited.length === 0, reason }
  }

  #isMet({ id, endpoints, failurePolicy }: HandlerState): boolean {
    if (failurePolicy === 'open' || this.#seenReady.has(id)) return true
    const usable = endpoints.some(({ state }) => state === 'ready' || state === 'degraded')
    if (usable) this.#seenReady.add(id)
    return usable
  }
}
