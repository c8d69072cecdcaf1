import { createServer } from 'node:net'
import { Server, ServerCredentials } from '@grpc/grpc-js'
import type { ListenAddress } from '../address.js'
import { listenOn } from '../listening.js'
import { OpenSockets } from '../open-sockets.js'
import { OpenStreams } from '../open-streams.js'
import type { DoorServer, ServerSetup } from '../server.js'
import { within } from '../within.js'
import { ReloadingCredentials } from './credentials.js'
import { streamHandler } from './stream.js'
import { unaryHandler } from './unary.js'

const asIs = (bytes: Buffer): Buffer => bytes

/** A door server on the grpc-js library. */
export class GrpcJsServer implements DoorServer {
  readonly #setup: ServerSetup
  readonly #server: Server
  // Our own, because the library keeps the sockets that it accepts to itself, and cannot end those of silent peers.
  readonly #listener = createServer({ noDelay: true })
  readonly #sockets = new OpenSockets()
  readonly #streams = new OpenStreams()

  constructor(setup: ServerSetup) {
    this.#setup = setup
    const { limits, services, telemetry, clock } = setup
    const methods = services.flatMap(service => service.methods)
    // The library has one limit for all methods, so those with the lower one look for themselves.
    const atLeast = methods.map(method => (method.kind === 'stream' ? (method.atLeastBytes ?? 0) : 0))
    this.#server = new Server({
      'grpc.max_receive_message_length': Math.max(limits.maxMessageBytes, ...atLeast),
      'grpc.max_send_message_length': -1,
      'grpc.max_concurrent_streams': limits.maxConcurrentStreams,
      'grpc.keepalive_time_ms': limits.keepaliveMs,
      'grpc.keepalive_timeout_ms': limits.keepaliveTimeoutMs,
      'grpc.enable_channelz': 0,
    })
    for (const method of methods) {
      if (method.kind === 'unary')
        this.#server.register(
          method.path,
          unaryHandler(method, limits.maxMessageBytes, telemetry, clock),
          asIs,
          asIs,
          'unary',
        )
      else this.#server.register(method.path, streamHandler(method, this.#streams, clock), asIs, asIs, 'bidi')
    }
  }

  async listen(): Promise<ListenAddress> {
    const { address, tls } = this.#setup
    const credentials = tls === undefined ? ServerCredentials.createInsecure() : new ReloadingCredentials(tls)
    const injector = this.#server.createConnectionInjector(credentials)
    this.#sockets.follow(this.#listener)
    this.#listener.on('connection', socket => injector.injectConnection(socket))
    const bound = await listenOn(this.#listener, address)
    this.#listener.on('error', () => {}) // a connection that could not be taken; the next one may
    return bound
  }

  async drain(graceMs: number): Promise<void> {
    this.#streams.drain()
    const closed = Promise.all([
      new Promise<void>(resolve => this.#listener.close(() => resolve())),
      new Promise<void>(resolve => this.#server.tryShutdown(() => resolve())),
    ])
    await within(closed, graceMs, this.#setup.clock)
    this.#cut()
  }

  async close(): Promise<void> {
    const { listening } = this.#listener
    const closed = listening ? new Promise<void>(resolve => this.#listener.close(() => resolve())) : undefined
    this.#cut()
    await closed
  }

  #cut(): void {
    this.#server.forceShutdown()
    this.#sockets.destroy()
  }
}
