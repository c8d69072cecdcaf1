import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * The open connections of the admin port, which are bounded. When one more comes, the one that has been silent longest goes:
 * connections that say nothing must not keep a probe out, or a scheduler would restart a host that is well.
 */
export class Connections {
  /** Those of which no request is being answered, the one that has been silent longest first. */
  readonly #silent = new Set<Socket>()
  /** The others, the oldest first. */
  readonly #busy = new Set<Socket>()

  constructor(private readonly most: number) {}

  /** Knows every connection that the server accepts from now on. */
  follow(server: Server): void {
    server.on('connection', (socket: Socket) => this.#opened(socket))
    server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
      if (!this.#silent.delete(socket)) return
      this.#busy.add(socket)
      response.once('close', () => {
        if (this.#busy.delete(socket)) this.#silent.add(socket)
      })
    })
  }

  #opened(socket: Socket): void {
    if (this.#silent.size + this.#busy.size >= this.most) this.#makeRoom()
    this.#silent.add(socket)
    socket.once('close', () => this.#forget(socket))
  }

  #makeRoom(): void {
    const [goes = this.#busy.values().next().value] = this.#silent
    if (goes === undefined) return
    this.#forget(goes)
    goes.destroy()
  }

  #forget(socket: Socket): void {
    this.#silent.delete(socket)
    this.#busy.delete(socket)
  }
}
