import type { Admission } from './admission.js'
import type { LiveSnapshot } from './live-snapshot.js'
import type { EndpointStatus } from './ports.js'

/** The engine's state, for the admin endpoint. Plain data. */
export interface EngineStatus {
  readonly snapshot: { readonly id: number; readonly revision: string } | undefined
  readonly requestsInFlight: number
  readonly handlers: readonly HandlerState[]
}

export interface HandlerState {
  readonly id: string
  readonly adapter: string
  readonly placement: string
  readonly endpoints: readonly EndpointStatus[]
  readonly callsInFlight: number
  readonly breaker: 'closed' | 'open'
  readonly reportsQueued: number
  readonly reportsOnDisk: number
  readonly failurePolicy: string
}

export function statusOf(live: LiveSnapshot | undefined, admission: Admission): EngineStatus {
  return {
    snapshot: live && { id: live.snapshot.id, revision: live.snapshot.revision },
    requestsInFlight: admission.inFlight,
    handlers: [...(live?.handlers.served.values() ?? [])].map(({ guard, reports }) => {
      const { placement, endpoints } = guard.handler.status()
      return {
        id: guard.spec.id,
        adapter: guard.spec.adapter,
        placement,
        endpoints,
        callsInFlight: guard.inFlight,
        breaker: guard.breaker.isOpen ? 'open' : 'closed',
        reportsQueued: reports.size,
        reportsOnDisk: reports.kept,
        failurePolicy: guard.spec.guard.onFailure.kind,
      }
    }),
  }
}
