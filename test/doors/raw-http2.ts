import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** Frame types of HTTP/2. Source: RFC 9113, section 6. */
export const frameType = { data: 0, headers: 1, settings: 4, ping: 6, goaway: 7 } as const

export interface Frame {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly payload: Buffer
}

/** A client that says exactly what it is told to, whatever the server has said before. */
export class RawClient {
  readonly socket: Socket
  readonly #frames: Frame[] = []
  readonly #waiting = new Set<() => void>()
  #rest: Buffer = Buffer.alloc(0)

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      this.#rest = Buffer.concat([this.#rest, chunk])
      while (this.#rest.length >= 9 && this.#rest.length >= 9 + this.#rest.readUIntBE(0, 3)) this.#cut()
      for (const look of [...this.#waiting]) look()
    })
  }

  static async open(address: string): Promise<RawClient> {
    const [host, port] = address.split(':')
    const socket = connect({ port: Number(port), host: host ?? '', noDelay: true })
    await once(socket, 'connect')
    const client = new RawClient(socket)
    socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
    client.send({ type: frameType.settings, flags: 0, stream: 0, payload: Buffer.alloc(0) })
    return client
  }

  #cut(): void {
    const end = 9 + this.#rest.readUIntBE(0, 3)
    this.#frames.push({
      type: this.#rest[3]!,
      flags: this.#rest[4]!,
      stream: this.#rest.readUInt32BE(5) & 0x7fffffff,
      payload: this.#rest.subarray(9, end),
    })
    this.#rest = this.#rest.subarray(end)
  }

  send({ type, flags, stream, payload }: Frame): void {
    const head = Buffer.alloc(9)
    head.writeUIntBE(payload.length, 0, 3)
    head[3] = type
    head[4] = flags
    head.writeUInt32BE(stream, 5)
    this.socket.write(Buffer.concat([head, payload]))
  }

  /** One unary gRPC call: headers (literal, not indexed) and one message. */
  call(stream: number, path: string, message: string): void {
    const fields = [
      ':method',
      'POST',
      ':scheme',
      'http',
      ':authority',
      'test',
      ':path',
      path,
      'content-type',
      'application/grpc',
    ]
    const block = Buffer.concat(
      fields.map((text, index) =>
        Buffer.concat([Buffer.from(index % 2 === 0 ? [0, text.length] : [text.length]), Buffer.from(text)]),
      ),
    )
    this.send({ type: frameType.headers, flags: 0x4, stream, payload: block })
    const body = Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), Buffer.from(message)])
    this.send({ type: frameType.data, flags: 0x1, stream, payload: body })
  }

  /** The first frame, received already or later, that fits; it is taken out. */
  async frame(fits: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const index = this.#frames.findIndex(fits)
      const [found] = index < 0 ? [] : this.#frames.splice(index, 1)
      if (found !== undefined) return found
      await new Promise<void>(resolve => {
        const look = () => {
          this.#waiting.delete(look)
          resolve()
        }
        this.#waiting.add(look)
      })
    }
  }
}
