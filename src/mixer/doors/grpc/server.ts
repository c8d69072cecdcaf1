import { Server, ServerCredentials } from '@grpc/grpc-js'
import { AddressError, type ListenAddress, removeStaleSocket } from '../address.js'
import { OpenStreams } from '../open-streams.js'
import type { DoorServer, ServerSetup } from '../server.js'
import { ReloadingCredentials } from './credentials.js'
import { streamHandler } from './stream.js'
import { unaryHandler } from './unary.js'

const asIs = (bytes: Buffer): Buffer => bytes

/** A door server on the grpc-js library. */
export class GrpcJsServer implements DoorServer {
  readonly #setup: ServerSetup
  readonly #server: Server
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
    if (address.kind === 'unix') await removeStaleSocket(address.path)
    const credentials = tls === undefined ? ServerCredentials.createInsecure() : new ReloadingCredentials(tls)
    const target =
      address.kind === 'unix'
        ? `unix:${address.path}`
        : address.host.includes(':')
          ? `[${address.host}]:${address.port}`
          : `${address.host}:${address.port}`
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(target, credentials, (cause, port) => {
        if (cause !== null) {
          const why = `Cannot listen on ${target}: ${cause.message}`
          reject(new AddressError('ADDRESS_UNAVAILABLE', why, { cause }))
        } else resolve(address.kind === 'unix' ? address : { ...address, port })
      })
    })
  }

  drain(graceMs: number): Promise<void> {
    this.#streams.drain()
    return new Promise(resolve => {
      const cancelTimer = this.#setup.clock.after(graceMs, () => this.#server.forceShutdown())
      this.#server.tryShutdown(() => {
        cancelTimer()
        resolve()
      })
    })
  }

  async close(): Promise<void> {
    this.#server.forceShutdown()
  }
}
