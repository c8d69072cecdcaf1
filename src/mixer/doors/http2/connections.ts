import type { Clock } from '../../engine/ports.js'
import type { ServerLimits } from '../options.js'
import type { Connection } from './connection.js'

/** The open connections of a server: pinged when silent, told to go when the server ends. */
export class Connections {
  readonly #limits: ServerLimits
  readonly #clock: Clock
  /** Each with what stops its keepalive timer. */
  readonly #open = new Map<Connection, () => void>()
  #whenEmpty: (() => void) | undefined

  constructor(limits: ServerLimits, clock: Clock) {
    this.#limits = limits
    this.#clock = clock
  }

  add(connection: Connection): void {
    this.#open.set(connection, () => {})
    this.#wait(connection, this.#limits.keepaliveMs, () => this.#look(connection))
  }

  delete(connection: Connection): void {
    this.#open.get(connection)?.()
    this.#open.delete(connection)
    if (this.#open.size === 0) this.#whenEmpty?.()
  }

  /** Ends every connection when its open calls are finished; after the grace, what is left is cut off. */
  drain(graceMs: number): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve()
    return new Promise(resolve => {
      const cancel = this.#clock.after(graceMs, () => this.destroy())
      this.#whenEmpty = () => {
        cancel()
        resolve()
      }
      for (const connection of [...this.#open.keys()]) connection.drain()
    })
  }

  destroy(): void {
    for (const connection of [...this.#open.keys()]) connection.destroy()
  }

  /** Pings a connection that was silent; closes it when it does not answer. */
  #look(connection: Connection): void {
    const { keepaliveMs, keepaliveTimeoutMs } = this.#limits
    if (connection.takeHeard()) {
      this.#wait(connection, keepaliveMs, () => this.#look(connection))
      return
    }
    this.#wait(connection, keepaliveTimeoutMs, () => connection.destroy())
    connection.ping(() => this.#wait(connection, keepaliveMs, () => this.#look(connection)))
  }

  #wait(connection: Connection, ms: number, then: () => void): void {
    const stop = this.#open.get(connection)
    if (stop === undefined) return
    stop()
    this.#open.set(connection, this.#clock.after(ms, then))
  }
}
