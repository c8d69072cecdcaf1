import { PlainError } from '../process/answering.js'
import { type RequestBlocks, requestBlocks } from './hpack.js'
import { RawConnection } from './raw-connection.js'
import {
  type ClientOptions,
  connectMs,
  type Done,
  endpointOf,
  type UnaryClient,
  type UnaryRequest,
} from './unary-client.js'

/**
 * gRPC over HTTP/2 by hand, on bare sockets. A call over `node:http2` costs the generator about as much CPU as it costs the
 * server, which on few cores decides how fast the server seems; a call of this client costs a fraction of it.
 */
export class RawClient implements UnaryClient {
  readonly connections: number
  readonly #connections: readonly RawConnection[]

  private constructor(connections: readonly RawConnection[]) {
    this.#connections = connections
    this.connections = connections.length
  }

  /** @throws {Error} when the address cannot be reached */
  static async open({ address, path, connections }: ClientOptions): Promise<RawClient> {
    const headers = requestBlocks([
      [':method', 'POST'],
      [':scheme', 'http'],
      [':path', path],
      [':authority', 'localhost'],
      ['content-type', 'application/grpc'],
      ['te', 'trailers'],
    ])
    const opened = await Promise.all(Array.from({ length: connections }, () => open(address, headers)))
    return new RawClient(opened)
  }

  /** The request must be framed. */
  call(connection: number, request: UnaryRequest, done: Done): void {
    const chosen = this.#connections[connection]
    if (chosen === undefined) throw new RangeError(`there is no connection ${connection}`)
    chosen.call(request, done)
  }

  abandon(): void {
    for (const connection of this.#connections) connection.fail('the run was given up')
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.close()
  }
}

async function open(address: string, headers: RequestBlocks): Promise<RawConnection> {
  const connection = new RawConnection(endpointOf(address), headers)
  const timer = setTimeout(() => connection.fail('no connection in time'), connectMs)
  try {
    await connection.ready
    return connection
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new PlainError(`Cannot connect to ${address}: ${why}`, { cause })
  } finally {
    clearTimeout(timer)
  }
}
