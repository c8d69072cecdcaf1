import { type ChannelCredentials, Client, type ClientDuplexStream, credentials } from '@grpc/grpc-js'
import {
  type AdapterFrame,
  decodeAdapterFrame,
  defaultLimits,
  encodeHostFrame,
  type HostFrame,
  type HostHello,
  sessionMethodPath,
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
export class RawHost {
  readonly #client: Client
  readonly #stream: ClientDuplexStream<Buffer, Buffer>
  readonly #frames: AdapterFrame[] = []
  #waiting: (() => void) | undefined
  #ended: string | undefined

  constructor(address: string, channel: ChannelCredentials = credentials.createInsecure()) {
    this.#client = new Client(address, channel)
    this.#stream = this.#client.makeBidiStreamRequest(sessionMethodPath, asIs, asIs)
    this.#stream.on('data', (bytes: Buffer) => {
      const frame = decodeAdapterFrame(bytes, defaultLimits)
      if (frame !== undefined) this.#frames.push(frame)
      this.#waiting?.()
    })
    const ended = (why: string) => {
      this.#ended ??= why
      this.#waiting?.()
    }
    this.#stream.on('end', () => ended('end'))
    this.#stream.on('error', error => ended(error.message))
  }

  send(...frames: HostFrame[]): void {
    for (const frame of frames) this.#stream.write(encodeHostFrame(frame))
  }

  sendRaw(bytes: Uint8Array): void {
    this.#stream.write(Buffer.from(bytes))
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

  cut(): void {
    this.#stream.cancel()
    this.#client.close()
  }
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
