import { Client, credentials } from '@grpc/grpc-js'
import { type Answered, type ClientOptions, connectMs, type UnaryClient } from './unary-client.js'

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
    await Promise.all(clients.map(ready))
    return new GrpcJsClient(clients, path)
  }

  call(connection: number, request: Buffer, answered: Answered): void {
    const client = this.#clients[connection]
    if (client === undefined) throw new RangeError(`there is no connection ${connection}`)
    client.makeUnaryRequest(this.#path, bytesThrough, bytesThrough, request, (error, answer) => {
      if (error === null) answered(undefined, answer)
      else answered(`gRPC status ${error.code} ${error.details}`, undefined)
    })
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
