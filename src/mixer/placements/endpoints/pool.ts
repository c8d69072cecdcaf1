import type { Clock, ConnectionSpec } from '../../engine/ports.js'
import type { Remote } from '../options.js'
import { HopSecurity } from '../security/hop-security.js'
import { type Dialer, Endpoint } from './endpoint.js'
import type { Target } from './target.js'

/** Makes the dialer of one place: this is where a protocol is chosen. */
export type DialerFor = (target: Target, security: HopSecurity, remote: Remote) => Dialer

interface Shared {
  readonly endpoint: Endpoint
  users: number
}

/** Endpoints by place and credentials: handlers that name the same place the same way share one connection. */
export class EndpointPool {
  readonly #remote: Remote
  readonly #dialerFor: DialerFor
  readonly #shared = new Map<string, Shared>()

  constructor(remote: Remote, dialerFor: DialerFor) {
    this.#remote = remote
    this.#dialerFor = dialerFor
  }

  get size(): number {
    return this.#shared.size
  }

  /** Give it back with `release`. */
  acquire(target: Target, connection: ConnectionSpec): Endpoint {
    const key = keyOf(target, connection)
    let shared = this.#shared.get(key)
    if (shared === undefined) {
      const dialer = this.#dialerFor(target, new HopSecurity(connection, this.#clock), this.#remote)
      shared = { endpoint: new Endpoint(target.name, dialer, this.#remote), users: 0 }
      this.#shared.set(key, shared)
    }
    shared.users += 1
    return shared.endpoint
  }

  release(target: Target, connection: ConnectionSpec): void {
    const key = keyOf(target, connection)
    const shared = this.#shared.get(key)
    if (shared === undefined) return
    shared.users -= 1
    if (shared.users > 0) return
    this.#shared.delete(key)
    void shared.endpoint.close()
  }

  get #clock(): Clock {
    return this.#remote.clock
  }
}

/** Equal keys, equal connections: everything that decides how a place is reached. */
function keyOf(target: Target, { authentication, peerNames, allowPlaintext }: ConnectionSpec): string {
  return JSON.stringify(
    [target.grpcTarget, target.tlsName, authentication, peerNames, allowPlaintext],
    mapsAsLists,
  )
}

function mapsAsLists(_key: string, value: unknown): unknown {
  return value instanceof Map ? [...value] : value
}
