import { type CallCapacity, usualCapacity } from '../calls/encoded.js'
import type { RemoteCall } from '../calls/remote-call.js'
import type { Endpoint } from '../endpoints/endpoint.js'
import type { HandlerOnLink } from '../link.js'

/** A way for a handler's calls. */
export interface Route {
  readonly endpoint: Endpoint
  readonly via: HandlerOnLink
}

/** The ways to one handler's adapters: those in use, and those set aside. */
export class Routes {
  readonly #all = new Map<Endpoint, Route>()
  readonly #random: () => number
  #ready: readonly Route[] = []
  #aside: readonly Route[] = []

  constructor(random: () => number) {
    this.#random = random
  }

  get size(): number {
    return this.#all.size
  }

  has(endpoint: Endpoint): boolean {
    return this.#all.has(endpoint)
  }

  /** What one call may carry, wherever it goes. */
  get capacity(): CallCapacity {
    let { instances, bytes } = usualCapacity
    for (const { via } of this.#all.values()) {
      instances = Math.min(instances, via.capacity.instances)
      bytes = Math.min(bytes, via.capacity.bytes)
    }
    return { instances, bytes }
  }

  set(endpoint: Endpoint, via: HandlerOnLink): void {
    this.#all.set(endpoint, { endpoint, via })
    this.sort()
  }

  /** Takes a way out of use; undefined: there was none. */
  delete(endpoint: Endpoint): HandlerOnLink | undefined {
    const route = this.#all.get(endpoint)
    if (this.#all.delete(endpoint)) this.sort()
    return route?.via
  }

  clear(): readonly Route[] {
    const all = [...this.#all.values()]
    this.#all.clear()
    this.sort()
    return all
  }

  /** Whether there is one in use other than the one that carries a call. */
  hasOther(call: RemoteCall): boolean {
    return this.#ready.some(route => route.via !== call.carrier)
  }

  /** An endpoint may have been set aside, or brought back. */
  sort(): void {
    const all = [...this.#all.values()]
    this.#ready = all.filter(route => route.endpoint.state.at === 'ready')
    this.#aside = all.filter(route => route.endpoint.state.at !== 'ready')
  }

  /**
   * Where a call goes: the one with least in flight of two that chance names. One that was set aside gets a call now
   * and then, when that call could be asked again elsewhere, and all of them when there is no other.
   */
  choose(call: RemoteCall, repeatable: boolean): Route | undefined {
    const ready = this.#ready
    if (ready.length === 1 && this.#aside.length === 0 && call.attempts === 0) return ready[0]
    if (repeatable && call.attempts === 0 && ready.length > 0) {
      for (const route of this.#aside) if (route.endpoint.takeProbe()) return route
    }
    return this.#lessBusy(ready, call) ?? this.#lessBusy(this.#aside, call)
  }

  #lessBusy(routes: readonly Route[], call: RemoteCall): Route | undefined {
    // A call that is asked again goes elsewhere than where it failed.
    const open = call.carrier === undefined ? routes : routes.filter(route => route.via !== call.carrier)
    const count = open.length
    if (count <= 1) return open[0]
    const first = Math.floor(this.#random() * count)
    const other = Math.floor(this.#random() * (count - 1))
    const a = open[first]
    const b = open[other >= first ? other + 1 : other]
    if (a === undefined || b === undefined) return a ?? b
    return b.endpoint.inFlight < a.endpoint.inFlight ? b : a
  }
}
