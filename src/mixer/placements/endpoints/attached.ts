import type { SettingsProblem } from '@outboard/adapters-sdk'
import type { HandlerOnLink, LinkedHandler, LinkOpened } from '../link.js'
import type { Remote } from '../options.js'
import type { Connection } from './endpoint-state.js'

/** A handler that wants to be reached at endpoints of type `Place`. */
export interface AttachedTo<Place> extends LinkedHandler {
  /** The adapter is being asked to take the settings; `routed` or `unrouted` follows. */
  asked(place: Place): void
  /** Calls can go out over this from now on; it replaces what was there before. */
  routed(place: Place, via: HandlerOnLink): void
  /** Nothing can go out here for now. `problems`: because the adapter refused the settings. */
  unrouted(place: Place, reason: string, problems: readonly SettingsProblem[] | undefined): void
  /** The endpoint's state changed. */
  changed(place: Place): void
  /** A name of the handler's addresses could not be looked up, and none of its places is known. */
  hopeless(): void
}

/** The handlers of one endpoint: each new connection is told of all of them. */
export class AttachedHandlers<Place extends { readonly address: string }> {
  readonly #handlers = new Set<AttachedTo<Place>>()
  readonly #place: Place
  readonly #remote: Remote
  readonly #inUse: (connection: Connection) => boolean

  /** @param inUse whether a connection is the one that calls go out on */
  constructor(place: Place, remote: Remote, inUse: (connection: Connection) => boolean) {
    this.#place = place
    this.#remote = remote
    this.#inUse = inUse
  }

  attach(handler: AttachedTo<Place>, connection: Connection | undefined): void {
    this.#handlers.add(handler)
    if (connection !== undefined) void this.#open(connection, handler)
  }

  detach(handler: AttachedTo<Place>, connection: Connection | undefined): void {
    this.#handlers.delete(handler)
    connection?.handlers.get(handler)?.close()
    connection?.handlers.delete(handler)
  }

  /** Opens all of them; resolves when each has its answer. */
  async openAll(connection: Connection): Promise<void> {
    await Promise.all([...this.#handlers].map(handler => this.#open(connection, handler)))
  }

  /** Those that were reached before and are not any more, after their connection was replaced. */
  leaveBehind(before: Connection, after: Connection): void {
    for (const handler of this.#handlers) {
      if (before.handlers.has(handler) && !after.handlers.has(handler)) {
        handler.unrouted(this.#place, 'not open on the new connection', undefined)
      }
    }
  }

  /** The connection takes nothing any more. */
  leave(connection: Connection, reason: string): void {
    connection.handlers.clear()
    for (const handler of this.#handlers) handler.unrouted(this.#place, reason, undefined)
  }

  changed(): void {
    for (const handler of this.#handlers) handler.changed(this.#place)
  }

  async #open(connection: Connection, handler: AttachedTo<Place>): Promise<void> {
    handler.asked(this.#place)
    const opened = await connection.link.open(handler)
    if (this.#handlers.has(handler) && this.#inUse(connection)) this.#opened(connection, handler, opened)
    else if (opened.kind === 'ready') opened.handler.close()
  }

  #opened(connection: Connection, handler: AttachedTo<Place>, opened: LinkOpened): void {
    switch (opened.kind) {
      case 'ready':
        connection.handlers.set(handler, opened.handler)
        handler.routed(this.#place, opened.handler)
        return
      case 'refused': {
        const what = opened.problems
          .map(p => (p.path === '' ? p.message : `${p.path}: ${p.message}`))
          .join('; ')
        const facts = { handler: handler.spec.id, address: this.#place.address, what }
        this.#remote.telemetry.log.warn('handler_refused', facts)
        handler.unrouted(
          this.#place,
          `settings refused: ${what}`,
          opened.retryable ? undefined : opened.problems,
        )
        if (opened.retryable) this.#openLater(connection, handler)
        return
      }
      case 'lost':
        handler.unrouted(this.#place, opened.error.message, undefined)
        return
    }
  }

  #openLater(connection: Connection, handler: AttachedTo<Place>): void {
    this.#remote.clock.after(this.#remote.timing.backoff.maxMs, () => {
      if (this.#handlers.has(handler) && this.#inUse(connection)) void this.#open(connection, handler)
    })
  }
}
