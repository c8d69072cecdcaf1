import type { Server, Socket } from 'node:net'

/**
 * The connections of one server, however far each has come: one that says nothing is in no list of HTTP/2 sessions, one whose
 * TLS handshake is not finished neither, and a session that has closed may leave its socket to a peer who never does.
 */
export class OpenSockets {
  readonly #open = new Set<Socket>()

  /** Knows every connection that the server accepts from now on. */
  follow(server: Server): void {
    server.on('connection', (socket: Socket) => {
      this.#open.add(socket)
      socket.once('close', () => this.#open.delete(socket))
    })
  }

  /** Cuts all of them. */
  destroy(): void {
    for (const socket of [...this.#open]) socket.destroy()
  }
}
