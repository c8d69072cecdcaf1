import type { EndpointStatus } from '../../engine/ports.js'
import type { HandlerOnLink, Link, LinkedHandler } from '../link.js'

/** A connection that an endpoint holds, and the handlers that its adapter took. */
export interface Connection {
  readonly link: Link
  readonly since: number
  /** The files that its credentials were made from. */
  readonly fingerprint: string
  readonly handlers: Map<LinkedHandler, HandlerOnLink>
}

/**
 * What an endpoint is doing.
 * - `connecting`: an attempt is under way, and nothing says that it will fail: calls may wait for it
 * - `ready`: calls go out
 * - `degraded`: connected, but slow or silent: set aside as long as others are ready
 * - `draining`: its adapter takes nothing new; a successor is sought at the same address
 * - `down`: attempts fail; calls do not wait
 * - `closed`: nobody needs it any more
 */
export type EndpointState =
  | { readonly at: 'connecting'; readonly since: number; readonly reason: string }
  | { readonly at: 'ready'; readonly since: number; readonly reason: string; readonly connection: Connection }
  | {
      readonly at: 'degraded'
      readonly since: number
      readonly reason: string
      readonly connection: Connection
      /** An answer that is faster than this brings it back, milliseconds. */
      readonly recoverBelowMs: number
      /** When it may be tried with a call again. */
      readonly probeAt: number
      /** How long to wait after a probe that showed nothing better. */
      readonly probeEveryMs: number
    }
  | {
      readonly at: 'draining'
      readonly since: number
      readonly reason: string
      readonly patientUntil: number
    }
  | { readonly at: 'down'; readonly since: number; readonly reason: string }
  | { readonly at: 'closed'; readonly since: number; readonly reason: string }

/** The connection in use, if there is one. */
export function connectionOf(state: EndpointState): Connection | undefined {
  return state.at === 'ready' || state.at === 'degraded' ? state.connection : undefined
}

/** Whether a call may wait here for a connection. */
export function isHopeful(state: EndpointState, now: number): boolean {
  return state.at === 'connecting' || (state.at === 'draining' && now < state.patientUntil)
}

/** The state as operators see it. */
export function statusOf(address: string, state: EndpointState, inFlight: number): EndpointStatus {
  return {
    address,
    state: state.at === 'closed' ? 'down' : state.at,
    reason: state.reason,
    inFlight,
    since: state.since,
  }
}
