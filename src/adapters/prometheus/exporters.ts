import { Exporter } from './exporter.js'
import { Listener } from './listener.js'

/** An exporter in use; `release` once. */
export interface ExporterLease {
  readonly exporter: Exporter
  /** Where it is exposed. */
  readonly url: string
  release(): Promise<void>
}

interface Shared {
  readonly exporter: Exporter
  users: number
  /** The listener's start or end; the next user waits for it. */
  listener: Promise<Listener | undefined>
}

/**
 * The exporters of one process by address. Handlers with one address share a listener: the first opens it, the last
 * one's end closes it. The metrics stay for the life of the process, so that a handler that comes back goes on counting;
 * the configuration bounds them.
 */
export class Exporters {
  readonly #shared = new Map<string, Shared>()

  /** Rejects when the address cannot be listened on. */
  async open(host: string, port: number): Promise<ExporterLease> {
    const key = `${host} ${port}`
    const shared = this.#shared.get(key) ?? {
      exporter: new Exporter(),
      users: 0,
      listener: Promise.resolve(undefined),
    }
    this.#shared.set(key, shared)
    shared.users++
    shared.listener = shared.listener.then(running => running ?? Listener.open(shared.exporter, host, port))
    try {
      const listener = await shared.listener
      const url = listener?.url ?? ''
      return { exporter: shared.exporter, url, release: () => release(shared) }
    } catch (error) {
      shared.users--
      shared.listener = Promise.resolve(undefined)
      throw error
    }
  }
}

async function release(shared: Shared): Promise<void> {
  shared.users--
  if (shared.users > 0) return
  shared.listener = shared.listener.then(async listener => {
    // Somebody may have come while the listener was waited for.
    if (shared.users > 0) return listener
    await listener?.close()
    return undefined
  })
  await shared.listener
}
