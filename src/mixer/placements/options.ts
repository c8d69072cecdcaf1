import { type Limits, resolveLimits } from '@outboard/adapters-sdk/protocol'
import type { Clock } from '../engine/ports.js'
import type { Telemetry } from '../telemetry/index.js'
import { type BackoffOptions, defaultBackoff } from './endpoints/backoff.js'
import { type Resolver, systemResolver } from './endpoints/resolver.js'

/** How adapters outside this process are reached. */
export interface RemoteOptions {
  readonly clock: Clock
  readonly telemetry: Telemetry
  /** From 0 up to, not including, 1. Default: `Math.random`. */
  random?: () => number
  /** Looks up the names of `dns:///` addresses. Default: the system's way. */
  resolver?: Resolver
  /** When the calls gathered for a session leave. Default: {@link atTurnEnd}. */
  schedule?: Schedule
  /** Default: `auto`. */
  sessionCarrier?: SessionCarrier
  /** What the host says of itself in a session's hello. */
  identity?: HostIdentity
  /** What the host takes of an answer. Default: the protocol's defaults, frames up to 4 MiB. */
  limits?: Partial<Limits>
  timing?: Partial<RemoteTiming>
}

/** Runs a function soon. `isAlone`: nothing else is under way, and last time nothing came together either. */
export type Schedule = (run: () => void, isAlone: boolean) => void

/**
 * Gathered calls leave at the end of this turn of the event loop. Requests that arrive in one read are handled in callbacks of
 * their own, with the microtasks run between them: a microtask would send the first of them by itself, and its answer would
 * come by itself, too. A call that comes alone, as the one before it did, leaves when its own callback is over: waiting
 * for nothing costs a lone call a twentieth of its time. Measured in src/bench/session-hop.ts.
 */
export const atTurnEnd: Schedule = (run, isAlone) => {
  if (isAlone) void soon.then(run)
  else setImmediate(run)
}

/** A microtask without the bookkeeping of `queueMicrotask` and `nextTick`, which costs a microsecond. */
const soon = Promise.resolve()

/** What carries sessions. `auto`: a bare socket where the adapter offers one and it can be had, else a gRPC stream; `grpc`: always that. */
export type SessionCarrier = 'auto' | 'grpc'

export interface HostIdentity {
  readonly name: string
  readonly version: string
  /** Tells two processes of one host apart, in an adapter's logs. */
  readonly instance: string
}

/** All in milliseconds. */
export interface RemoteTiming {
  /** Longest wait for an adapter's hello, from the dial on. Default: 5,000. */
  readonly handshakeMs: number
  /** Longest wait for the answer to a handler's settings. Default: 10,000. */
  readonly configureMs: number
  /** How long opening a handler waits for its adapter before the handler is `connecting`. Default: 3,000. */
  readonly openMs: number
  /** A session that has been silent for this long is pinged. Default: 5,000. */
  readonly pingEveryMs: number
  /** A ping not answered for this long ends the session. Default: 5,000. */
  readonly pingTimeoutMs: number
  /** A call that has no result this long after its deadline ends the session. Default: 30,000. */
  readonly abandonedMs: number
  /** How long an adapter that drains may go without a successor at its address before calls stop waiting. Default: 2,000. */
  readonly patienceMs: number
  /** How long a connection that is replaced may take to finish its calls. Default: 10,000. */
  readonly retireMs: number
  /** A connection that ends sooner counts as a failed attempt. Default: 1,000. */
  readonly stableMs: number
  /** How often the endpoints of one handler are compared. Default: 500. */
  readonly compareMs: number
  /** How soon an endpoint that was set aside gets a call again; doubles up to 30,000. Default: 1,000. */
  readonly probeMs: number
  /** How often names are looked up again. Default: 30,000. */
  readonly resolveMs: number
  /** A name is looked up at most this often, however many of its places fail. Default: 1,000. */
  readonly resolveAtMostEveryMs: number
  /** How often certificate files are looked at. Default: 30,000. */
  readonly rotateMs: number
  readonly backoff: BackoffOptions
}

const defaultTiming: RemoteTiming = {
  handshakeMs: 5_000,
  configureMs: 10_000,
  openMs: 3_000,
  pingEveryMs: 5_000,
  pingTimeoutMs: 5_000,
  abandonedMs: 30_000,
  patienceMs: 2_000,
  retireMs: 10_000,
  stableMs: 1_000,
  compareMs: 500,
  probeMs: 1_000,
  resolveMs: 30_000,
  resolveAtMostEveryMs: 1_000,
  rotateMs: 30_000,
  backoff: defaultBackoff,
}

/** The options, complete. */
export interface Remote {
  readonly clock: Clock
  readonly telemetry: Telemetry
  readonly random: () => number
  readonly resolver: Resolver
  readonly schedule: Schedule
  readonly sessionCarrier: SessionCarrier
  readonly identity: HostIdentity
  readonly limits: Limits
  readonly timing: RemoteTiming
}

/** @throws {RangeError} for a limit out of range. */
export function resolveRemote(options: RemoteOptions): Remote {
  return {
    clock: options.clock,
    telemetry: options.telemetry,
    random: options.random ?? Math.random,
    resolver: options.resolver ?? systemResolver,
    schedule: options.schedule ?? atTurnEnd,
    sessionCarrier: options.sessionCarrier ?? 'auto',
    identity: options.identity ?? { name: 'outboard', version: '', instance: '' },
    limits: resolveLimits({ frameBytes: 4_194_304, ...options.limits }),
    timing: { ...defaultTiming, ...options.timing },
  }
}
