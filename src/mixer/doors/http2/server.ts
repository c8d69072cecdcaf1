import {
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type Http2Server as NodeHttp2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { Counter } from '../../telemetry/index.js'
import type { ListenAddress } from '../address.js'
import { guarded } from '../guarded.js'
import { listenOn } from '../listening.js'
import { OpenSockets } from '../open-sockets.js'
import { OpenStreams } from '../open-streams.js'
import type { DoorServer, ServerSetup } from '../server.js'
import type { StreamMethod, UnaryMethod } from '../service.js'
import type { TlsFiles } from '../tls.js'
import { within } from '../within.js'
import { Dispatcher, type Served } from './dispatch.js'
import { Sessions } from './sessions.js'
import { lightenSession } from './stream-table.js'

/** The largest memory of one connection, in megabytes: header tables, and what waits to be sent. */
const maxSessionMegabytes = 64
/**
 * What one call, and one connection, may send before we have read any of it, bytes. A report of 100 attribute sets has 130 kB:
 * with HTTP/2's own 64 kB its sender would have to wait for us in the middle of it.
 */
const streamWindowBytes = 262_144
const connectionWindowBytes = 1_048_576

/** A door server of our own: gRPC over HTTP/2, on nothing but `node:http2`. */
export class Http2Server implements DoorServer {
  readonly #setup: ServerSetup
  readonly #sessions: Sessions
  readonly #sockets = new OpenSockets()
  readonly #streams = new OpenStreams()
  readonly #dispatcher: Dispatcher
  readonly #connectionErrors: Counter
  readonly #refusedConnections: Counter
  readonly #tlsErrors: Counter
  #server: NodeHttp2Server | Http2SecureServer | undefined
  #stopWatching: (() => void) | undefined

  constructor(setup: ServerSetup) {
    this.#setup = setup
    this.#connectionErrors = setup.telemetry.counter('door_connection_errors')
    this.#refusedConnections = setup.telemetry.counter('door_connections_refused')
    this.#tlsErrors = setup.telemetry.counter('door_tls_errors')
    this.#sessions = new Sessions(setup.limits, setup.clock)
    const methods = new Map<string, Served>()
    for (const method of setup.services.flatMap(service => service.methods))
      methods.set(method.path, servedOf(method, setup))
    this.#dispatcher = new Dispatcher(methods, setup, this.#streams)
  }

  async listen(): Promise<ListenAddress> {
    const { address, tls } = this.#setup
    const server = this.#create(tls)
    this.#server = server
    server.maxConnections = this.#setup.limits.maxConnections
    server.on('drop', () => this.#refusedConnections.add(1))
    this.#sockets.follow(server)
    server.on('session', (session: ServerHttp2Session) => {
      lightenSession(session)
      session.setLocalWindowSize(connectionWindowBytes)
      this.#sessions.add(session)
    })
    server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) =>
      this.#dispatcher.dispatch(stream, headers),
    )
    // A broken connection concerns nobody else. The session is destroyed by the library.
    server.on('sessionError', () => this.#connectionErrors.add(1))
    const bound = await listenOn(server, address)
    server.on('error', () => this.#connectionErrors.add(1))
    return bound
  }

  #create(tls: TlsFiles | undefined): NodeHttp2Server | Http2SecureServer {
    const options = {
      maxSessionMemory: maxSessionMegabytes,
      settings: {
        maxConcurrentStreams: this.#setup.limits.maxConcurrentStreams,
        initialWindowSize: streamWindowBytes,
        enablePush: false,
      },
    }
    if (tls === undefined) return createServer(options)
    const server = createSecureServer({
      ...options,
      ...tls.context(),
      requestCert: tls.requiresClientCertificate,
      rejectUnauthorized: tls.requiresClientCertificate,
      minVersion: 'TLSv1.2',
      allowHTTP1: false,
    })
    this.#stopWatching = tls.onChange(context => server.setSecureContext(context))
    server.on('tlsClientError', () => this.#tlsErrors.add(1))
    return server
  }

  async drain(graceMs: number): Promise<void> {
    const server = this.#server
    if (server === undefined) return
    const closed = new Promise<void>(resolve => server.close(() => resolve()))
    this.#streams.drain()
    this.#sessions.drain()
    await within(closed, graceMs, this.#setup.clock)
    this.#cut()
  }

  async close(): Promise<void> {
    this.#stopWatching?.()
    this.#dispatcher.close()
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    const closed = server.listening ? new Promise<void>(resolve => server.close(() => resolve())) : undefined
    this.#cut()
    await closed
  }

  #cut(): void {
    this.#sessions.destroy()
    this.#sockets.destroy()
  }
}

function servedOf(method: UnaryMethod | StreamMethod, setup: ServerSetup): Served {
  return method.kind === 'unary'
    ? { kind: 'unary', answer: guarded(method, setup.telemetry) }
    : { kind: 'stream', method }
}
