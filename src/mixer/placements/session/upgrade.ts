import { request as httpRequest } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as tlsConnect } from 'node:tls'
import { sessionMethodPath, socketUpgrade } from '@outboard/adapters-sdk/protocol'
import type { Clock } from '../../engine/ports.js'
import type { Target } from '../endpoints/target.js'
import { failure, messageOf } from '../failure.js'
import type { SocketTls } from '../security/hop-security.js'

/** A connection that now carries frames, and what came behind the answer that said so. */
export interface Upgraded {
  readonly socket: Duplex
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
    let socket: Socket | undefined
    const give = (message: string, cause?: unknown) => {
      stop()
      socket?.destroy()
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
          socket = dial(asked)
          return socket
        },
      })
      sent.on('error', error => give(error.message, error))
      sent.on('response', response => {
        response.resume()
        give(`the adapter answered ${response.statusCode} ${response.statusMessage}`)
      })
      sent.on('upgrade', (response, upgraded, head) => {
        if (response.headers.upgrade !== socketUpgrade) return give('the adapter upgraded to something else')
        stop()
        resolve({ socket: upgraded, head })
      })
      sent.end()
    } catch (thrown) {
      give(messageOf(thrown), thrown) // a token that no header can carry
    }
  })
}

function dial({ target, tls }: UpgradeRequest): Socket {
  const place = { ...target.socket, noDelay: true }
  return tls === undefined ? connect(place) : tlsConnect({ ...place, ...tls, ALPNProtocols: ['http/1.1'] })
}
