import type { AdapterError, SettingsProblem } from '@outboard/adapters-sdk'
import type { AdapterHello } from '@outboard/adapters-sdk/protocol'
import type { HandlerSpec, HostServices } from '../engine/ports.js'
import type { CallCapacity } from './calls/encoded.js'
import type { Carrier, RemoteCall } from './calls/remote-call.js'

// What endpoints need of a connection, whichever protocol it speaks.

/** One connection to one adapter process. When it ends, every call on it is settled as unanswered. */
export interface Link {
  /** For people: what is spoken, and what carries it. */
  readonly protocol: string
  /** What the adapter said of itself; undefined where the protocol has no such thing. */
  readonly hello: AdapterHello | undefined
  /** Calls that wait for their answer. */
  readonly inFlight: number
  readonly latency: LatencyView
  /** Since when nothing was heard though calls wait, milliseconds since the epoch; undefined: no call waits. */
  readonly silentSince: number | undefined
  /** Gives up those of its calls that can be asked at another endpoint, so that they are. Late answers are nobody's. */
  moveOn(error: AdapterError): void
  /** Makes a handler known to the adapter. Resolves in any case; the link ends at the latest with the handshake time. */
  open(handler: LinkedHandler): Promise<LinkOpened>
  /** Takes nothing new, lets calls under way finish for at most `graceMs`, then closes. Safe twice. */
  retire(reason: string, graceMs: number): Promise<void>
  /** Ends at once; calls under way are unanswered. Safe twice. */
  destroy(error: AdapterError): void
}

/** A handler as links see it. */
export interface LinkedHandler {
  readonly spec: HandlerSpec
  readonly host: HostServices
}

export type LinkOpened =
  | { readonly kind: 'ready'; readonly handler: HandlerOnLink }
  | { readonly kind: 'refused'; readonly problems: readonly SettingsProblem[]; readonly retryable: boolean }
  | { readonly kind: 'lost'; readonly error: AdapterError }

/** A handler that an adapter took: calls go out here. */
export interface HandlerOnLink extends Carrier {
  /** What one call may carry here. */
  readonly capacity: CallCapacity
  /** Whether the adapter tells over this link when answers no longer hold. */
  readonly withdraws: boolean
  send(call: RemoteCall): void
  /** Tells the adapter that the handler is gone. Its calls under way finish. */
  close(): void
}

/** What a link tells the endpoint that holds it. */
export interface LinkEvents {
  /** The adapter takes nothing new; what is under way will be answered. At most once. */
  draining(reason: string): void
  /** The link has ended. Exactly once, before its calls are settled, so that they find another way. */
  ended(error: AdapterError): void
}

/** How fast answers come, and how many in a row did not. */
export interface LatencyView {
  /** Moving average, milliseconds; undefined before there are enough answers. */
  readonly averageMs: number | undefined
  /** How long the last answer took. */
  readonly lastMs: number | undefined
  /** Calls given up since the last answer. */
  readonly timeoutsInARow: number
  /** Forgets what was, so that only what comes counts. */
  restart(): void
}
