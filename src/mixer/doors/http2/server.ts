import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import type { Counter } from '../../telemetry/index.js'
import { AddressError, type ListenAddress, printAddress, removeStaleSocket } from '../address.js'
import { guarded } from '../guarded.js'
import { OpenStreams } from '../open-streams.js'
import type { DoorServer, ServerSetup } from '../server.js'
import type { Method } from '../service.js'
import type { TlsFiles } from '../tls.js'
import { Connection, type ConnectionHost } from './connection.js'
import { Connections } from './connections.js'
import { Dispatcher, type Served } from './dispatch.js'

/** How long a TLS handshake may take, milliseconds. */
const handshakeMs = 10_000

/**
 * A door server of our own: gRPC over HTTP/2 on plain sockets. `node:http2` makes several objects and events for each
 * call, which cost more than everything else that a check needs (see docs/doors/servers.md for what was measured).
 */
export class Http2Server implements DoorServer {
  readonly #setup: ServerSetup
  readonly #connections: Connections
  readonly #streams = new OpenStreams()
  readonly #host: ConnectionHost
  readonly #connectionErrors: Counter
  readonly #tlsErrors: Counter
  /** Under TLS also those that have not shaken hands. */
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined
  #stopWatching: (() => void) | undefined

  constructor(setup: ServerSetup) {
    const { limits, clock, services, telemetry } = setup
    this.#setup = setup
    this.#connections = new Connections(limits, clock)
    this.#connectionErrors = telemetry.counter('door_connection_errors')
    this.#tlsErrors = telemetry.counter('door_tls_errors')
    const methods = new Map<string, Served>()
    for (const method of services.flatMap(service => service.methods))
      methods.set(method.path, servedOf(method, setup))
    this.#host = {
      dispatcher: new Dispatcher(methods, setup, this.#streams),
      maxConcurrentStreams: limits.maxConcurrentStreams,
      clock,
      gone: (connection, fault) => {
        this.#connections.delete(connection)
        if (fault === undefined) return
        this.#connectionErrors.add(1)
        telemetry.log.warn('connection_fault', { code: fault.code, why: fault.why })
      },
    }
  }

  async listen(): Promise<ListenAddress> {
    const { address, tls } = this.#setup
    if (address.kind === 'unix') await removeStaleSocket(address.path)
    const server = tls === undefined ? createServer(socket => this.#accept(socket)) : this.#createTls(tls)
    this.#server = server
    await new Promise<void>((resolve, reject) => {
      const failed = (cause: Error) => {
        const why = `Cannot listen on ${printAddress(address)}: ${cause.message}`
        reject(new AddressError('ADDRESS_UNAVAILABLE', why, { cause }))
      }
      server.once('error', failed)
      server.listen(address.kind === 'unix' ? { path: address.path } : address, () => {
        server.removeListener('error', failed)
        // A connection that could not be accepted (no descriptor is left, say); the server goes on.
        server.on('error', () => this.#connectionErrors.add(1))
        resolve()
      })
    })
    const bound = server.address()
    return address.kind === 'tcp' && typeof bound === 'object' && bound !== null
      ? { ...address, port: bound.port }
      : address
  }

  #createTls(tls: TlsFiles): Server {
    const server = createTlsServer(
      {
        ...tls.context(),
        requestCert: tls.requiresClientCertificate,
        rejectUnauthorized: tls.requiresClientCertificate,
        minVersion: 'TLSv1.2',
        ALPNProtocols: ['h2'],
        handshakeTimeout: handshakeMs,
      },
      (socket: TLSSocket) => {
        if (socket.alpnProtocol === 'h2') this.#accept(socket)
        else socket.destroy()
      },
    )
    this.#stopWatching = tls.onChange(context => server.setSecureContext(context))
    server.on('tlsClientError', () => this.#tlsErrors.add(1))
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    return server
  }

  #accept(socket: Socket): void {
    socket.setNoDelay(true)
    this.#connections.add(new Connection(socket, this.#host))
  }

  async drain(graceMs: number): Promise<void> {
    const server = this.#server
    if (server === undefined) return
    const closed = new Promise<void>(resolve => server.close(() => resolve()))
    this.#streams.drain()
    await this.#connections.drain(graceMs)
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  async close(): Promise<void> {
    this.#stopWatching?.()
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    const closed = server.listening ? new Promise<void>(resolve => server.close(() => resolve())) : undefined
    this.#connections.destroy()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }
}

function servedOf(method: Method, setup: ServerSetup): Served {
  return method.kind === 'unary'
    ? { kind: 'unary', answer: guarded(method, setup.telemetry) }
    : { kind: 'stream', method }
}
