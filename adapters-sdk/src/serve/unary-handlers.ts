import { Buffer } from 'node:buffer'
import type { Adapter } from '../adapter.js'
import type { Handler } from '../contract.js'
import { AdapterError } from '../errors.js'
import type { HandlerPool, Lease } from '../session/handler-pool.js'
import type { UnaryRequest } from './unary-request.js'

/**
 * The handlers of unary callers, who send their settings with every call: a handler for each adapter and settings, as
 * many as the limit allows; beyond, the one unused longest is closed.
 */
export class UnaryHandlers {
  readonly #pool: HandlerPool
  readonly #maxHandlers: number
  readonly #log: (line: string) => void
  /** In order of use. */
  readonly #leases = new Map<string, Promise<Lease>>()

  constructor(pool: HandlerPool, maxHandlers: number, log: (line: string) => void) {
    this.#pool = pool
    this.#maxHandlers = maxHandlers
    this.#log = log
  }

  /** Handlers that are open. */
  get size(): number {
    return this.#leases.size
  }

  /**
   * The handler for a request's settings.
   * @throws {SettingsError} what the adapter says of the settings. {@link ProtocolError} when they cannot be decoded.
   * {@link AdapterError} `ADAPTER_UNCONFIGURED` when the adapter has no way to read any.
   */
  async find(adapter: Adapter, config: UnaryRequest['config']): Promise<Handler> {
    const value = config?.value
    const settingsKey = value === undefined ? '' : Buffer.from(value).toString('base64')
    const key = `${adapter.name} ${settingsKey}`
    const known = this.#leases.get(key)
    if (known !== undefined) {
      this.#leases.delete(key)
      this.#leases.set(key, known)
      return (await known).handler
    }
    const settings = settingsOf(adapter, value)
    const id = `${adapter.name}.unary`
    const opening = this.#pool.acquire(
      { adapter, id, settingsKey, settings, instances: [] },
      { log: (level, message) => this.#log(`${id}: ${level}: ${message}`), invalidate: () => {} },
    )
    this.#leases.set(key, opening)
    this.#evict()
    try {
      return (await opening).handler
    } catch (thrown) {
      if (this.#leases.get(key) === opening) this.#leases.delete(key)
      throw thrown
    }
  }

  /** Closes every handler. */
  async close(): Promise<void> {
    const leases = [...this.#leases.values()]
    this.#leases.clear()
    await Promise.all(leases.map(release))
  }

  #evict(): void {
    for (const [key, lease] of this.#leases) {
      if (this.#leases.size <= this.#maxHandlers) return
      this.#leases.delete(key)
      void release(lease)
    }
  }
}

/**
 * The raw settings that were sent. Bytes that the adapter cannot read are refused: to go on without them would be to
 * answer by settings that nobody gave.
 */
function settingsOf(adapter: Adapter, value: Uint8Array | undefined): unknown {
  if (value === undefined) return undefined
  const { message } = adapter.settings
  if (message !== undefined) return message.decode(value)
  if (value.length === 0) return undefined
  throw new AdapterError(
    'ADAPTER_UNCONFIGURED',
    `Adapter "${adapter.name}" takes no adapter_config: its settings name no protobuf message`,
  )
}

/** A lease that never came needs no release; whoever asked for it has heard why. */
async function release(lease: Promise<Lease>): Promise<void> {
  const held = await lease.catch(() => undefined)
  await held?.release()
}
