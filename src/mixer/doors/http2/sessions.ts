import type { ServerHttp2Session } from 'node:http2'
import type { Clock } from '../../engine/ports.js'
import type { ServerLimits } from '../options.js'

/** The open connections of a server: pinged when silent, told to go when the server ends. */
export class Sessions {
  readonly #limits: ServerLimits
  readonly #clock: Clock
  readonly #open = new Set<ServerHttp2Session>()
  #draining = false

  constructor(limits: ServerLimits, clock: Clock) {
    this.#limits = limits
    this.#clock = clock
  }

  add(session: ServerHttp2Session): void {
    this.#open.add(session)
    const stopPings = this.#keepAlive(session)
    session.on('error', () => {})
    session.once('close', () => {
      stopPings()
      this.#open.delete(session)
    })
    // Its connection was accepted before, and its TLS handshake took until now.
    if (this.#draining) session.close()
  }

  /**
   * Ends every connection when its open calls are finished. GOAWAY names the last call that was taken, so that clients
   * send later ones elsewhere, without asking anybody. (An announcement before it, with the highest stream number,
   * would lose calls: the library ignores new streams after any GOAWAY, and the client would wait for them.)
   */
  drain(): void {
    this.#draining = true
    for (const session of [...this.#open]) session.close()
  }

  destroy(): void {
    for (const session of [...this.#open]) session.destroy()
  }

  /** Pings a connection that was silent; closes it when it does not answer. */
  #keepAlive(session: ServerHttp2Session): () => void {
    let heard = true
    let stop = () => {}
    const onStream = () => {
      heard = true
    }
    session.on('stream', onStream)
    const look = () => {
      if (session.destroyed) return
      if (heard) {
        heard = false
        stop = this.#clock.after(this.#limits.keepaliveMs, look)
        return
      }
      stop = this.#clock.after(this.#limits.keepaliveTimeoutMs, () => session.destroy())
      const sent = session.ping(() => {
        stop()
        stop = this.#clock.after(this.#limits.keepaliveMs, look)
      })
      if (!sent) session.destroy()
    }
    look()
    return () => stop()
  }
}
