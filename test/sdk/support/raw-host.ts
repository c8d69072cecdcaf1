import { connect, type Socket } from 'node:net'
import { type ChannelCredentials, Client, type ClientDuplexStream, credentials } from '@grpc/grpc-js'
import {
  type AdapterFrame,
  decodeAdapterFrame,
  defaultLimits,
  encodeHostFrame,
  FrameSplitter,
  type HostFrame,
  type HostHello,
  sessionMethodPath,
  socketFrame,
} from '@outboard/adapters-sdk/protocol'

export const hello: HostHello = {
  kind: 'hello',
  versionMin: 1,
  versionMax: 1,
  name: 'test host',
  version: '0',
  instance: 'one',
  features: ['invalidate', 'log'],
  limits: defaultLimits,
}

const asIs = (bytes: Buffer) => bytes

/** The host's side of a session, with nothing between the test and the frames. */
abstract class ScriptedHost {
  readonly #frames: AdapterFrame[] = []
  #waiting: (() => void) | undefined
  #ended: string | undefined

  /** Bytes as one frame, whatever they are. */
  abstract sendRaw(bytes: Uint8Array): void
  abstract cut(): void

  send(...frames: HostFrame[]): void {
    for (const frame of frames) this.sendRaw(encodeHostFrame(frame))
  }

  protected heard(bytes: Buffer): void {
    const frame = decodeAdapterFrame(bytes, defaultLimits)
    if (frame !== undefined) this.#frames.push(frame)
    this.#waiting?.()
  }

  protected hasEnded(why: string): void {
    this.#ended ??= why
    this.#waiting?.()
  }

  /** The next frame; fails when the stream ends first. */
  async next(): Promise<AdapterFrame> {
    for (;;) {
      const frame = this.#frames.shift()
      if (frame !== undefined) return frame
      if (this.#ended !== undefined) throw new Error(`the stream ended: ${this.#ended}`)
      await new Promise<void>(resolve => {
        this.#waiting = resolve
      })
    }
  }

  /** The next frame, which must be of a kind. */
  async expect<K extends AdapterFrame['kind']>(kind: K): Promise<Extract<AdapterFrame, { kind: K }>> {
    const frame = await this.next()
    if (isKind(frame, kind)) return frame
    throw new Error(
      `expected ${kind}, got ${JSON.stringify(frame, (_, v) => (typeof v === 'bigint' ? `${v}` : v))}`,
    )
  }

  /** How the stream ended. */
  async end(): Promise<string> {
    while (this.#ended === undefined) {
      await new Promise<void>(resolve => {
        this.#waiting = resolve
      })
    }
    return this.#ended
  }
}

/** A host on a gRPC stream. */
export class RawHost extends ScriptedHost {
  readonly #client: Client
  readonly #stream: ClientDuplexStream<Buffer, Buffer>

  constructor(address: string, channel: ChannelCredentials = credentials.createInsecure()) {
    super()
    this.#client = new Client(address, channel)
    this.#stream = this.#client.makeBidiStreamRequest(sessionMethodPath, asIs, asIs)
    this.#stream.on('data', (bytes: Buffer) => this.heard(bytes))
    this.#stream.on('end', () => this.hasEnded('end'))
    this.#stream.on('error', error => this.hasEnded(error.message))
  }

  override sendRaw(bytes: Uint8Array): void {
    this.#stream.write(Buffer.from(bytes))
  }

  override cut(): void {
    this.#stream.cancel()
    this.#client.close()
  }
}

/** A host on a bare socket, which is there already: plain, TLS, or one that the test still writes to itself. */
export class RawSocketHost extends ScriptedHost {
  /** What the adapter answered to the request for the socket, up to the empty line. */
  readonly head: Promise<string>
  readonly #socket: Socket

  constructor(socket: Socket, request = socketRequest()) {
    super()
    this.#socket = socket
    const splitter = new FrameSplitter(defaultLimits.frameBytes, bytes => this.heard(bytes))
    this.head = new Promise(resolve => {
      let head = ''
      const first = (chunk: Buffer) => {
        head += chunk.toString('latin1')
        const end = head.indexOf('\r\n\r\n')
        if (end < 0) return
        socket.off('data', first)
        resolve(head.slice(0, end))
        const rest = Buffer.from(head.slice(end + 4), 'latin1')
        if (head.startsWith('HTTP/1.1 101')) {
          socket.on('data', chunk => splitter.push(chunk))
          if (rest.length > 0) splitter.push(rest)
        }
      }
      socket.on('data', first)
      socket.on('close', () => resolve(head))
    })
    socket.on('end', () => this.hasEnded('end'))
    socket.on('close', () => this.hasEnded('cut'))
    socket.on('error', error => this.hasEnded(error.message))
    if (request !== '') socket.write(request)
  }

  static to(address: string, request?: string): RawSocketHost {
    const [host = '', port] = address.split(':')
    const socket = address.startsWith('unix:') ? connect(address.slice(5)) : connect(Number(port), host)
    return new RawSocketHost(socket, request)
  }

  override sendRaw(bytes: Uint8Array): void {
    this.#socket.write(socketFrame(bytes))
  }

  /** Bytes with no length before them. */
  sendBare(bytes: Uint8Array | string): void {
    this.#socket.write(bytes)
  }

  override cut(): void {
    this.#socket.destroy()
  }
}

/** The request that makes a connection a socket of frames. */
export function socketRequest(path: string = sessionMethodPath, upgrade = 'outboard-session'): string {
  return `GET ${path} HTTP/1.1\r\nHost: adapter\r\nConnection: Upgrade\r\nUpgrade: ${upgrade}\r\n\r\n`
}

function isKind<K extends AdapterFrame['kind']>(
  frame: AdapterFrame,
  kind: K,
): frame is Extract<AdapterFrame, { kind: K }> {
  return frame.kind === kind
}

/** One unary call with bytes as they are; rejects with the gRPC error. */
export async function unary(
  address: string,
  path: string,
  request: Uint8Array,
  channel?: ChannelCredentials,
): Promise<Buffer> {
  const client = new Client(address, channel ?? credentials.createInsecure())
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      client.makeUnaryRequest(path, asIs, asIs, Buffer.from(request), (error, answer) => {
        if (error !== null || answer === undefined) reject(error ?? new Error('no answer'))
        else resolve(answer)
      })
    })
  } finally {
    client.close()
  }
}
