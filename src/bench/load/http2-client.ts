import {
  type ClientHttp2Session,
  connect,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2'
import { connect as connectSocket } from 'node:net'
import { PlainError } from '../process/answering.js'
import {
  type ClientOptions,
  connectMs,
  type Done,
  endpointOf,
  isWhole,
  prefixBytes,
  statusProblem,
  type UnaryClient,
  type UnaryRequest,
} from './unary-client.js'

/**
 * gRPC over `node:http2` and nothing else, to check the client of our own by.
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

  /** The request must be framed. */
  call(connection: number, request: UnaryRequest, done: Done): void {
    const session = this.#sessions[connection]
    if (session === undefined || session.closed || session.destroyed) {
      queueMicrotask(() => done('the connection is closed'))
      return
    }
    const stream = session.request(this.#headers)
    let httpStatus: number | undefined
    let fields: IncomingHttpHeaders = {}
    let problem: string | undefined
    let body: Buffer | undefined
    stream.on('response', headers => {
      httpStatus = headers[':status']
      fields = headers
    })
    stream.on('trailers', trailers => {
      fields = trailers
    })
    stream.on('data', (chunk: Buffer) => {
      body = body === undefined ? chunk : Buffer.concat([body, chunk])
    })
    stream.on('error', error => {
      problem = error.message
    })
    stream.on('close', () => {
      const grpcStatus = textOf(fields['grpc-status'])
      const grpcMessage = textOf(fields['grpc-message'])
      done(problem ?? statusProblem(httpStatus, grpcStatus, grpcMessage) ?? bodyProblem(request, body))
    })
    stream.end(request.message)
  }

  abandon(): void {
    for (const session of this.#sessions) session.destroy()
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

function bodyProblem(request: UnaryRequest, body: Buffer | undefined): string | undefined {
  return body !== undefined && isWhole(body, 0, body.length)
    ? request.problemOf(body, prefixBytes, body.length)
    : 'the answer is no whole message'
}

function textOf(value: string | string[] | undefined): string | undefined {
  return value === undefined ? undefined : String(value)
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
      reject(new PlainError(`Cannot connect to ${address}: ${error.message}`, { cause: error }))
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
