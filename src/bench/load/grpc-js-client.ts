import { Client, credentials } from '@grpc/grpc-js'
import { PlainError } from '../process/answering.js'
import {
  type ClientOptions,
  connectMs,
  type Done,
  type UnaryClient,
  type UnaryRequest,
} from './unary-client.js'

const bytesThrough = (bytes: Buffer): Buffer => bytes

/** The same over the grpc-js library, to check the other one by. */
export class GrpcJsClient implements UnaryClient {
  readonly connections: number
  readonly #clients: readonly Client[]
  readonly #path: string

  private constructor(clients: readonly Client[], path: string) {
    this.#clients = clients
    this.connections = clients.length
    this.#path = path
  }

  static async open({ address, path, connections }: ClientOptions): Promise<GrpcJsClient> {
    const clients = Array.from(
      { length: connections },
      () =>
        new Client(address.replace(/^tcp:\/\//, ''), credentials.createInsecure(), {
          // Without its own pool, all of them would share one connection.
          'grpc.use_local_subchannel_pool': 1,
        }),
    )
    await Promise.all(clients.map(ready)).catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new PlainError(`Cannot connect to ${address}: ${why}`, { cause })
    })
    return new GrpcJsClient(clients, path)
  }

  /** The request must not be framed: the library does that. */
  call(connection: number, request: UnaryRequest, done: Done): void {
    const client = this.#clients[connection]
    if (client === undefined) throw new RangeError(`there is no connection ${connection}`)
    client.makeUnaryRequest(this.#path, bytesThrough, bytesThrough, request.message, (error, answer) => {
      if (error !== null) done(`gRPC status ${error.code} ${error.details}`)
      else done(answer === undefined ? 'no answer' : request.problemOf(answer, 0, answer.length))
    })
  }

  abandon(): void {
    // The library has no way to end calls that are under way; they end with their connections, or never.
    for (const client of this.#clients) client.close()
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.close()
  }
}

function ready(client: Client): Promise<void> {
  return new Promise((resolve, reject) => {
    client.waitForReady(Date.now() + connectMs, error => (error ? reject(error) : resolve()))
  })
}
