import { createServer, type Socket } from 'node:net'
import { FrameSplitter, socketFrame } from '@outboard/adapters-sdk/protocol'

const ofHttp1 = 'G'.charCodeAt(0)
const endOfHead = '\r\n\r\n'
const largestFrame = 64 * 1024 * 1024

/** One socket of frames, as an adapter sees it that was written without the SDK. */
export class PeerSocket {
  /** What the host asked with, lines and all. */
  readonly head: string
  readonly #socket: Socket

  constructor(socket: Socket, head: string) {
    this.#socket = socket
    this.head = head
  }

  write(frame: Uint8Array): void {
    this.#socket.write(socketFrame(frame))
  }

  /** Bytes with no length before them. */
  writeBare(bytes: Uint8Array): void {
    this.#socket.write(bytes)
  }

  onFrame(take: (frame: Buffer) => void): void {
    const splitter = new FrameSplitter(largestFrame, take)
    this.#socket.on('data', chunk => splitter.push(chunk))
  }

  onEnded(told: () => void): void {
    for (const event of ['end', 'close']) this.#socket.on(event, told)
  }

  pause(): void {
    this.#socket.pause()
  }

  end(): void {
    this.#socket.end()
  }

  cut(): void {
    this.#socket.destroy()
  }
}

/** What a server answers to the request for a socket. */
export const switching =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: outboard-session\r\n\r\n'

/** Where connections go: HTTP/2 to somebody else, requests for a socket here. */
export interface PeerTakers {
  http2(socket: Socket): void
  /** The answer is sent as it is; undefined: nothing is said. */
  asked(head: string): string | undefined
  opened(socket: PeerSocket): void
}

/** A server that listens. */
export interface PeerListener {
  /** With the port that was bound. */
  readonly address: string
  /** Every connection of its with it. */
  close(): void
}

/** Listens for both carriers of sessions, without the SDK. */
export async function listenForBoth(address: string, takers: PeerTakers): Promise<PeerListener> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.once('data', (chunk: Buffer) => {
      if (chunk[0] !== ofHttp1) {
        socket.pause()
        socket.unshift(chunk)
        takers.http2(socket)
        return
      }
      const text = chunk.toString('latin1')
      const head = text.slice(0, text.indexOf(endOfHead))
      const answer = takers.asked(head)
      if (answer !== undefined) socket.write(answer)
      takers.opened(new PeerSocket(socket, head))
    })
  })
  const [host = '', port] = address.split(':')
  const where = address.startsWith('unix:') ? { path: address.slice(5) } : { host, port: Number(port) }
  await new Promise<void>(resolve => server.listen(where, resolve))
  const bound = server.address()
  return {
    address: typeof bound === 'object' && bound !== null ? `127.0.0.1:${bound.port}` : address,
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
