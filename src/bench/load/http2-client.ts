import { type ClientHttp2Session, connect, constants, type OutgoingHttpHeaders } from 'node:http2'
import { connect as connectSocket } from 'node:net'
import { type Answered, type ClientOptions, connectMs, endpointOf, type UnaryClient } from './unary-client.js'

/** gRPC's prefix of a message: not compressed, and its length. */
const prefixBytes = 5

/**
 * gRPC over `node:http2` and nothing else: grpc-js's client needs more CPU for a call than the servers that are measured.
 */
export class Http2Client implements UnaryClient {
  readonly connections: number
  readonly #sessions: readonly ClientHttp2Session[]
  readonly #headers: OutgoingHttpHeaders

  private constructor(sessions: readonly ClientHttp2Session[], path: string) {
    this.#sessions = sessions
    this.connections = sessions.length
    this.#headers = {
      ':method': 'POST',
      ':path': path,
      ':scheme': 'http',
      ':authority': 'localhost',
      'content-type': 'application/grpc',
      te: 'trailers',
    }
  }

  /** @throws {Error} when the address cannot be reached */
  static async open({ address, path, connections }: ClientOptions): Promise<Http2Client> {
    const sessions = await Promise.all(Array.from({ length: connections }, () => openSession(address)))
    return new Http2Client(sessions, path)
  }

  /** Adds gRPC's prefix to a message. */
  static framed(message: Uint8Array): Buffer {
    const framed = Buffer.allocUnsafe(prefixBytes + message.length)
    framed[0] = 0
    framed.writeUInt32BE(message.length, 1)
    framed.set(message, prefixBytes)
    return framed
  }

  /** The request must be framed. */
  call(connection: number, request: Buffer, answered: Answered): void {
    const session = this.#sessions[connection]
    if (session === undefined || session.closed || session.destroyed) {
      queueMicrotask(() => answered('the connection is closed', undefined))
      return
    }
    const stream = session.request(this.#headers)
    let status: string | undefined
    let problem: string | undefined
    let body: Buffer | undefined
    stream.on('response', headers => {
      if (headers[':status'] !== 200) problem = `HTTP status ${headers[':status']}`
      if (headers['grpc-status'] !== undefined)
        status = statusOf(headers['grpc-status'], headers['grpc-message'])
    })
    stream.on('trailers', trailers => {
      status = statusOf(trailers['grpc-status'], trailers['grpc-message'])
    })
    stream.on('data', (chunk: Buffer) => {
      body = body === undefined ? chunk : Buffer.concat([body, chunk])
    })
    stream.on('error', error => {
      problem = error.message
    })
    stream.on('close', () => {
      problem ??=
        status === undefined
          ? 'the answer has no grpc-status'
          : status === '0'
            ? undefined
            : `gRPC status ${status}`
      if (problem !== undefined) answered(problem, undefined)
      else if (
        body === undefined ||
        body.length < prefixBytes ||
        body.length !== prefixBytes + body.readUInt32BE(1)
      )
        answered('the answer is no whole message', undefined)
      else answered(undefined, body.subarray(prefixBytes))
    })
    stream.end(request)
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#sessions.map(
        session =>
          new Promise<void>(resolve => {
            if (session.destroyed) resolve()
            else session.close(resolve)
          }),
      ),
    )
  }
}

/** `0`, or the number with its message. */
function statusOf(status: string | string[] | undefined, message: string | string[] | undefined): string {
  return status === '0'
    ? '0'
    : `${status ?? 'none'}${message === undefined ? '' : ` ${decodeURIComponent(String(message))}`}`
}

function openSession(address: string): Promise<ClientHttp2Session> {
  const endpoint = endpointOf(address)
  return new Promise((resolve, reject) => {
    const session = connect('http://localhost', {
      createConnection: () => connectSocket({ ...endpoint, noDelay: true }),
      settings: { enablePush: false, initialWindowSize: 1_048_576 },
    })
    const timer = setTimeout(
      () => session.destroy(new Error('no connection in time'), constants.NGHTTP2_CANCEL),
      connectMs,
    )
    session.once('error', error => {
      clearTimeout(timer)
      reject(new Error(`Cannot connect to ${address}: ${error.message}`, { cause: error }))
    })
    // The settings of the other side tell that it speaks HTTP/2, and how many calls it takes at once.
    session.once('remoteSettings', () => {
      clearTimeout(timer)
      session.removeAllListeners('error')
      session.on('error', () => {}) // each call under way hears of it by itself
      resolve(session)
    })
  })
}
