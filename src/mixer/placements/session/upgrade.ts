import { request as httpRequest } from 'node:http'
import { connect, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { connect as tlsConnect } from 'node:tls'
import { SocketReads, sessionMethodPath, socketUpgrade } from '@outboard/adapters-sdk/protocol'
import type { Clock } from '../../engine/ports.js'
import type { Target } from '../endpoints/target.js'
import { failure, messageOf } from '../failure.js'
import type { SocketTls } from '../security/hop-security.js'

/** A connection that now carries frames, and what came behind the answer that said so. */
export interface Upgraded {
  readonly socket: Socket
  /** Who gets what the socket reads is to be said at once: until then it goes to HTTP/1.1, which has let go of it. */
  readonly reads: SocketReads
  readonly head: Buffer
}

/** How to ask for one. */
export interface UpgradeRequest {
  readonly target: Target
  readonly tls: SocketTls | undefined
  /** The token, where the connection has one. */
  readonly headers: Readonly<Record<string, string>>
  readonly waitMs: number
}

/**
 * Connects, and asks that the connection become a socket of frames: an upgrade as HTTP/1.1 knows it (RFC 9110, 7.8), so that
 * what stands between can see what it is.
 * Rejects with an AdapterError; bounded by `waitMs`.
 */
export function upgrade(asked: UpgradeRequest, clock: Clock, signal: AbortSignal): Promise<Upgraded> {
  return new Promise((resolve, reject) => {
    let dialled: Dialled | undefined
    const give = (message: string, cause?: unknown) => {
      stop()
      dialled?.socket.destroy()
      reject(failure('ADAPTER_UNAVAILABLE', `No session on a socket: ${message}`, cause))
    }
    const stop = clock.after(asked.waitMs, () => give(`no answer within ${asked.waitMs} ms`))
    if (signal.aborted) return give('given up')
    signal.addEventListener('abort', () => give('given up'), { once: true })
    try {
      const sent = httpRequest({
        path: sessionMethodPath,
        headers: {
          ...asked.headers,
          host: asked.target.tlsName ?? 'localhost',
          connection: 'Upgrade',
          upgrade: socketUpgrade,
        },
        createConnection: () => {
          dialled = dial(asked)
          return dialled.http
        },
      })
      sent.on('error', error => give(error.message, error))
      sent.on('response', response => {
        response.resume()
        give(`the adapter answered ${response.statusCode} ${response.statusMessage}`)
      })
      sent.on('upgrade', (response, _, head) => {
        if (dialled === undefined || response.headers.upgrade !== socketUpgrade)
          return give('the adapter upgraded to something else')
        stop()
        resolve({ socket: dialled.socket, reads: dialled.reads, head })
      })
      sent.end()
    } catch (thrown) {
      give(messageOf(thrown), thrown) // a token that no header can carry
    }
  })
}

interface Dialled {
  readonly socket: Socket
  readonly reads: SocketReads
  /** The socket as HTTP/1.1 takes it. */
  readonly http: Duplex
}

function dial({ target, tls }: UpgradeRequest): Dialled {
  const reads = new SocketReads(chunk => http.push(chunk))
  const place = { ...target.socket, noDelay: true, onread: reads.onread }
  const socket =
    tls === undefined ? connect(place) : tlsConnect({ ...place, ...tls, ALPNProtocols: ['http/1.1'] })
  const http = new Duplex({
    read: () => {},
    write: (chunk, _, done) => void socket.write(chunk, done),
  })
  http.on('error', () => {}) // once HTTP/1.1 has let go of it, what happens to the socket is none of its business
  socket.on('error', error => http.destroy(error))
  socket.on('end', () => http.push(null))
  socket.on('close', () => http.destroy())
  return { socket, reads, http }
}
