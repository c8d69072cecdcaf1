import { lookup } from 'node:dns/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import type { Clock } from '../session/clock.js'
import { addressText, type ListenAddress, removeStaleSocket } from './address.js'
import type { ReloadingTls } from './reloading-tls.js'

/** Who takes connections, by what they speak first. */
export interface ConnectionTakers {
  /** HTTP/2, as every gRPC client speaks it. */
  http2(socket: Socket): void
  /** HTTP/1.1, to become a session's socket. */
  http1(socket: Socket): void
}

export interface ListenerOptions {
  readonly tls: ReloadingTls | undefined
  readonly takers: ConnectionTakers
  readonly clock: Clock
  /** How long a connection may say nothing, milliseconds. */
  readonly silenceMs: number
}

interface Connections {
  /** All of them, also those that were given away, and those whose TLS handshake is not finished. */
  readonly open: Set<Socket>
  /** Those that have not said yet what they speak. */
  readonly undecided: Set<Socket>
}

/**
 * Listens on one address for two protocols. On a plain connection the first byte tells them apart: HTTP/2 begins with `PRI`,
 * what we take of HTTP/1.1 with `GET`. With TLS they are told apart by ALPN, before a byte was sent.
 */
export class Listener {
  /** As a gRPC target, with the port that was bound. */
  readonly address: string
  readonly #servers: readonly Server[]
  readonly #connections: Connections

  private constructor(address: string, servers: readonly Server[], connections: Connections) {
    this.address = address
    this.#servers = servers
    this.#connections = connections
  }

  /** @throws what binding says; nothing listens then. */
  static async open(address: ListenAddress, options: ListenerOptions): Promise<Listener> {
    const connections: Connections = { open: new Set(), undecided: new Set() }
    if (address.kind === 'unix') {
      await removeStaleSocket(address.path)
      const server = await bound(serverOf(options, connections), { path: address.path })
      return new Listener(addressText(address, 0), [server], connections)
    }
    const servers: Server[] = []
    let { port } = address
    try {
      for (const host of await addressesOf(address.host)) {
        const server = await bound(serverOf(options, connections), { host, port })
        servers.push(server)
        port = portOf(server)
      }
    } catch (thrown) {
      for (const server of servers) server.close()
      throw thrown
    }
    return new Listener(addressText(address, port), servers, connections)
  }

  /** Takes no new connections; those that it has given away are none of its business. */
  stop(): void {
    for (const server of this.#servers) server.close()
    for (const socket of this.#connections.undecided) socket.destroy()
  }

  /**
   * Resolves when every connection has ended, at the latest after `ms`; then the rest is cut: a peer that does not end its
   * own would keep the process alive.
   */
  async ended(ms: number, clock: Clock): Promise<void> {
    const { open } = this.#connections
    let stop = () => {}
    const late = new Promise<void>(resolve => {
      stop = clock.after(ms, resolve)
    })
    const closing = [...open].map(
      socket => new Promise<void>(resolve => socket.once('close', () => resolve())),
    )
    await Promise.race([Promise.all(closing), late])
    stop()
    for (const socket of [...open]) socket.destroy()
  }
}

/** A name may mean an address of each family, and a client may try any of them. */
async function addressesOf(host: string): Promise<readonly string[]> {
  const found = await lookup(host, { all: true })
  return [...new Set(found.map(each => each.address))]
}

function serverOf(options: ListenerOptions, connections: Connections): Server {
  const server = protocolsOf(options, connections)
  server.on('connection', (socket: Socket) => {
    connections.open.add(socket)
    socket.once('close', () => connections.open.delete(socket))
  })
  return server
}

function protocolsOf({ tls, takers, clock, silenceMs }: ListenerOptions, { undecided }: Connections): Server {
  /** Bounds how long a connection may be nobody's. The answer: it has become somebody's. */
  const watched = (socket: Socket): (() => void) => {
    undecided.add(socket)
    const stop = clock.after(silenceMs, () => socket.destroy())
    const decided = () => {
      stop()
      undecided.delete(socket)
    }
    socket.once('close', decided)
    return decided
  }
  if (tls === undefined) {
    return createServer({ noDelay: true }, socket => {
      const decided = watched(socket)
      const failed = () => socket.destroy()
      socket.on('error', failed)
      socket.once('data', (chunk: Buffer) => {
        decided()
        socket.off('error', failed)
        socket.pause()
        socket.unshift(chunk)
        if (chunk[0] !== firstByteOfGet) takers.http2(socket)
        else {
          takers.http1(socket)
          socket.resume()
        }
      })
    })
  }
  const server = createTlsServer({
    ...tls.material,
    ALPNProtocols: ['h2', 'http/1.1'],
    requestCert: tls.mutual,
    rejectUnauthorized: tls.mutual,
    handshakeTimeout: silenceMs,
    noDelay: true,
  })
  server.on('secureConnection', (socket: TLSSocket) => {
    if (socket.alpnProtocol === 'http/1.1') takers.http1(socket)
    else takers.http2(socket)
  })
  tls.keep(server)
  return server
}

const firstByteOfGet = 'G'.charCodeAt(0)

function bound(server: Server, where: { path: string } | { host: string; port: number }): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(where, () => {
      server.off('error', reject)
      server.on('error', () => {}) // a connection that could not be taken; the next one may
      resolve(server)
    })
  })
}

function portOf(server: Server): number {
  const place = server.address()
  return typeof place === 'object' && place !== null ? place.port : 0
}
