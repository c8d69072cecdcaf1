import { createServer, type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { sessionMethodPath } from '../protocol/frames.js'
import { FrameSplitter, socketUpgrade, writeFrame } from '../protocol/socket-framing.js'
import { SocketReads } from '../protocol/socket-reads.js'
import type { FramePipe } from '../session/outbox.js'
import { readInto } from './read-into.js'
import type { SessionService } from './session-service.js'

/** How long a host may take to read the last frame before its socket is cut, milliseconds. */
const lingerMs = 5_000
/** Bytes that may wait for a host that reads nothing; then nothing is read of it either. */
const maxUnsentBytes = 262_144

/**
 * Sessions as bare sockets carry them: an HTTP/1.1 connection becomes one when the host asks to upgrade it. What HTTP/2 and
 * gRPC cost for each frame is saved; see docs/decisions/session-socket.md.
 */
export class SocketSessions {
  readonly #sessions: SessionService
  readonly #http = createServer((_request, response) => {
    response.writeHead(426, { connection: 'close, Upgrade', upgrade: socketUpgrade })
    response.end(`This address takes gRPC, and sessions upgraded to ${socketUpgrade}\n`)
  })
  /** Every connection, and how to stop waiting for it to be upgraded. */
  readonly #sockets = new Map<Duplex, () => void>()

  constructor(sessions: SessionService) {
    this.#sessions = sessions
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
  }

  /** Takes a connection whose first byte has not been read. */
  take(socket: Socket): void {
    const { clock, handshakeMs } = this.#sessions.options
    const stop = clock.after(handshakeMs, () => socket.destroy())
    this.#sockets.set(socket, stop)
    socket.once('close', () => {
      stop()
      this.#sockets.delete(socket)
    })
    this.#http.emit('connection', socket)
  }

  /** Resolves when every socket has ended, at the latest after `ms`; then the rest is cut. */
  async ended(ms: number): Promise<void> {
    const closing = [...this.#sockets.keys()].map(
      socket => new Promise(resolve => socket.once('close', resolve)),
    )
    let timer: NodeJS.Timeout | undefined
    const late = new Promise(resolve => {
      timer = setTimeout(resolve, ms)
    })
    await Promise.race([Promise.all(closing), late])
    clearTimeout(timer)
    for (const socket of this.#sockets.keys()) socket.destroy()
  }

  #upgrade(request: IncomingMessage, accepted: Duplex, head: Buffer): void {
    accepted.on('error', () => accepted.destroy())
    const asked = request.headers.upgrade?.toLowerCase()
    if (request.url !== sessionMethodPath || asked !== socketUpgrade) {
      refuse(accepted, request.url === sessionMethodPath ? 426 : 404, `Upgrade to ${socketUpgrade} only`)
      return
    }
    const peer = peerOf(request)
    // A session has used a frame when it has taken it: what it keeps of one are texts, and instances that were decoded.
    const reads = new SocketReads(() => {}, 'lent')
    const reading = readInto(accepted, reads)
    reading?.on('error', () => reading.destroy())
    const socket = reading ?? accepted
    const session = this.#sessions.open(pipeOf(socket), peer)
    if ('kind' in session) {
      refuse(socket, 503, session.message)
      return
    }
    // Not before: one that is refused, and stays all the same, is cut when its time is over.
    this.#sockets.get(accepted)?.()
    socket.write(
      `HTTP/1.1 101 ${STATUS_CODES[101]}\r\nConnection: Upgrade\r\nUpgrade: ${socketUpgrade}\r\n\r\n`,
    )
    const { limits, clock } = this.#sessions.options
    const splitter = new FrameSplitter(limits.frameBytes, frame => session.receive(frame), 'lent')
    let isBroken = false
    reads.take = chunk => {
      if (isBroken) return // what still comes is read and forgotten, so that the host hears why
      try {
        splitter.push(chunk)
      } catch (thrown) {
        isBroken = true
        session.broken(thrown)
      }
    }
    if (reading === undefined) socket.on('data', chunk => reads.take(chunk))
    socket.on('drain', () => session.drained())
    socket.on('end', () => {
      session.lost('The host ended the socket')
      socket.end()
    })
    socket.on('close', () => session.lost('The socket was cut'))
    void session.done.then(() => {
      const stop = clock.after(lingerMs, () => socket.destroy())
      socket.once('close', stop)
    })
    if (head.length > 0) reads.take(head)
  }
}

function pipeOf(socket: Duplex): FramePipe {
  return {
    write: frame => {
      writeFrame(socket, frame)
      return socket.writableLength < maxUnsentBytes
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    end: () => void socket.end(),
  }
}

function refuse(socket: Duplex, status: number, message: string): void {
  const length = Buffer.byteLength(message)
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: text/plain\r\n` +
      `Content-Length: ${length}\r\n\r\n${message}`,
  )
}

function peerOf({ socket }: IncomingMessage): string {
  return socket.remoteAddress === undefined ? 'a Unix socket' : `${socket.remoteAddress}:${socket.remotePort}`
}
