import type { Adapter, AdapterHost } from '../adapter.js'
import type { Handler } from '../contract.js'
import type { LogLevel } from '../protocol/frames.js'
import type { Clock } from './clock.js'

/** Who hears what a handler has to say. */
export interface HandlerListener {
  log(level: LogLevel, message: string): void
  invalidate(key: string | undefined): void
}

/** What a handler is opened with. Equal for two sessions: they share the handler, and so its counters. */
export interface HandlerRequest {
  readonly adapter: Adapter
  /** The handler's name in the host's configuration. */
  readonly id: string
  /** Identifies the settings: their text or bytes. */
  readonly settingsKey: string
  readonly settings: unknown
  readonly instances: readonly { readonly name: string; readonly template: string }[]
}

/** A handler that somebody holds; `release` it once. */
export interface Lease {
  readonly handler: Handler
  /** Resolves when the handler is closed, or at once when others hold it or it lingers. */
  release(): Promise<void>
}

interface Entry {
  readonly opening: Promise<Handler>
  readonly listeners: Set<HandlerListener>
  holders: number
  stopLinger: (() => void) | undefined
}

export interface HandlerPoolOptions {
  readonly clock: Clock
  /** How long a handler that nobody holds stays open, so that a host which reconnects finds its counters. */
  readonly lingerMs: number
  /** Handlers that may linger at once; beyond, the one waiting longest is closed. */
  readonly maxLingering: number
  /** Told of handlers whose close failed. */
  readonly closeFailed: (id: string, thrown: unknown) => void
}

/**
 * The open handlers of an adapter process. Sessions that configure the same handler with the same settings (replicas of
 * one host, or a host that reconnects) share it.
 */
export class HandlerPool {
  readonly #options: HandlerPoolOptions
  readonly #entries = new Map<string, Entry>()
  readonly #lingering = new Set<string>()
  #closed = false

  constructor(options: HandlerPoolOptions) {
    this.#options = options
  }

  /** Handlers that are open or opening. */
  get size(): number {
    return this.#entries.size
  }

  /**
   * Opens a handler, or takes part in the one that is open.
   * @throws what the adapter's `open` throws.
   */
  async acquire(request: HandlerRequest, listener: HandlerListener): Promise<Lease> {
    const key = keyOf(request)
    let entry = this.#entries.get(key)
    if (entry === undefined) {
      // Before it opens: an adapter may have something to say while it does.
      const listeners = new Set([listener])
      entry = { opening: this.#open(request, listeners), listeners, holders: 0, stopLinger: undefined }
      this.#entries.set(key, entry)
    }
    const held = entry
    held.stopLinger?.()
    held.stopLinger = undefined
    this.#lingering.delete(key)
    held.holders++
    held.listeners.add(listener)
    try {
      const handler = await held.opening
      let released: Promise<void> | undefined
      return {
        handler,
        release: () => {
          released ??= this.#release(key, held, listener)
          return released
        },
      }
    } catch (thrown) {
      held.listeners.delete(listener)
      if (this.#entries.get(key) === held) this.#entries.delete(key)
      throw thrown
    }
  }

  /** Closes whatever lingers, and from now on what is released. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#lingering].map(key => this.#shut(key)))
  }

  async #open(request: HandlerRequest, listeners: ReadonlySet<HandlerListener>): Promise<Handler> {
    const host: AdapterHost = {
      handler: request.id,
      instances: request.instances,
      now: () => this.#options.clock.now(),
      log(level, message) {
        for (const listener of listeners) listener.log(level, message)
      },
      invalidate(key) {
        for (const listener of listeners) listener.invalidate(key)
      },
    }
    return request.adapter.open(request.settings, host)
  }

  async #release(key: string, entry: Entry, listener: HandlerListener): Promise<void> {
    entry.listeners.delete(listener)
    if (--entry.holders > 0) return
    this.#lingering.add(key)
    if (this.#closed || this.#options.lingerMs === 0) return this.#shut(key)
    entry.stopLinger = this.#options.clock.after(this.#options.lingerMs, () => void this.#shut(key))
    const [oldest] = this.#lingering
    if (this.#lingering.size > this.#options.maxLingering && oldest !== undefined) await this.#shut(oldest)
  }

  async #shut(key: string): Promise<void> {
    const entry = this.#entries.get(key)
    if (entry === undefined || entry.holders > 0) return
    entry.stopLinger?.()
    this.#entries.delete(key)
    this.#lingering.delete(key)
    try {
      const handler = await entry.opening
      await handler.close()
    } catch (thrown) {
      this.#options.closeFailed(key, thrown)
    }
  }
}

function keyOf({ adapter, id, settingsKey, instances }: HandlerRequest): string {
  return JSON.stringify([adapter.name, id, settingsKey, instances.map(i => [i.name, i.template])])
}
