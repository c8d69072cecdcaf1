import {
  type handleBidiStreamingCall,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
} from '@grpc/grpc-js'
import { builtinTemplate, templateToDescriptorSet } from '@outboard/adapters-sdk'
import {
  type AdapterFrame,
  type AdapterHello,
  type Calls,
  decodeHostFrame,
  defaultLimits,
  encodeAdapterFrame,
  type HostFrame,
  sessionMethodPath,
} from '@outboard/adapters-sdk/protocol'
import { contractAdapter } from '../../contract/adapter.js'

const identity = (bytes: Buffer): Buffer => bytes

/** One session as a scripted adapter sees it: it may say anything, at any time. */
export class ScriptedSession {
  readonly received: HostFrame[] = []
  /** Resolves when the stream has ended, whoever ended it. */
  readonly ended: Promise<void>
  readonly #stream: ServerDuplexStream<Buffer, Buffer>
  #waiters: (() => void)[] = []

  constructor(stream: ServerDuplexStream<Buffer, Buffer>, script: Script) {
    this.#stream = stream
    stream.on('data', (bytes: Buffer) => {
      const frame = decodeHostFrame(bytes, { ...defaultLimits, frameBytes: 16_777_216 })
      if (frame === undefined) return
      this.received.push(frame)
      script(this, frame)
      this.#wake()
    })
    this.ended = new Promise(resolve => {
      for (const event of ['end', 'cancelled', 'close']) stream.on(event, () => resolve())
      stream.on('error', () => resolve())
    })
  }

  send(frame: AdapterFrame): void {
    this.raw(encodeAdapterFrame(frame))
  }

  /** Bytes that may be no frame at all. */
  raw(bytes: Buffer): void {
    this.#stream.write(bytes)
  }

  end(): void {
    this.#stream.end()
  }

  /** Stops reading. */
  pause(): void {
    this.#stream.pause()
  }

  /** The first frame of a kind; waits for it. */
  async frame<K extends HostFrame['kind']>(kind: K): Promise<Extract<HostFrame, { kind: K }>> {
    for (;;) {
      const found = this.received.find(
        (frame): frame is Extract<HostFrame, { kind: K }> => frame.kind === kind,
      )
      if (found !== undefined) return found
      await new Promise<void>(resolve => this.#waiters.push(resolve))
    }
  }

  #wake(): void {
    const waiters = this.#waiters
    this.#waiters = []
    for (const wake of waiters) wake()
  }
}

/** What a scripted adapter does with each frame. */
export type Script = (session: ScriptedSession, frame: HostFrame) => void

/** An adapter that follows a script, well or badly behaved. */
export class ScriptedAdapter {
  readonly sessions: ScriptedSession[] = []
  readonly address: string
  readonly #server: Server

  private constructor(server: Server, address: string) {
    this.#server = server
    this.address = address
  }

  static async listen(script: Script, address = '127.0.0.1:0'): Promise<ScriptedAdapter> {
    const server = new Server({ 'grpc.max_receive_message_length': -1 })
    let adapter: ScriptedAdapter | undefined
    const open: handleBidiStreamingCall<Buffer, Buffer> = stream => {
      adapter?.sessions.push(new ScriptedSession(stream, script))
    }
    server.register(sessionMethodPath, open, identity, identity, 'bidi')
    const port = await new Promise<number>((resolve, reject) => {
      const credentials = ServerCredentials.createInsecure()
      server.bindAsync(address, credentials, (error, bound) => (error ? reject(error) : resolve(bound)))
    })
    adapter = new ScriptedAdapter(server, address.startsWith('unix:') ? address : `127.0.0.1:${port}`)
    return adapter
  }

  close(): void {
    this.#server.forceShutdown()
  }
}

/** A hello as a well behaved adapter says it. */
export function hello(more: Partial<AdapterHello> = {}): AdapterHello {
  const names = contractAdapter.templates.map(template => template.name)
  return {
    kind: 'hello',
    protocol: 1,
    name: 'scripted',
    version: '0.0.1',
    instance: '',
    features: ['invalidate', 'log'],
    limits: defaultLimits,
    credits: 1_000,
    templates: names.map((name, index) => ({ number: index + 1, name, descriptorSet: descriptorOf(name) })),
    adapters: [
      {
        name: 'contract',
        version: '0.0.1',
        description: 'scripted',
        templates: names.map((_, index) => index + 1),
        settingsSchema: '{}',
      },
    ],
    ...more,
  }
}

function descriptorOf(name: string): Uint8Array {
  const template = builtinTemplate(name)
  if (template === undefined) throw new Error(`no template ${name}`)
  return templateToDescriptorSet(template)
}

/** The part of a good adapter that is not about calls: hello, and ready for every handler. */
export function politely(session: ScriptedSession, frame: HostFrame): void {
  if (frame.kind === 'hello') session.send(hello())
  if (frame.kind === 'configure') {
    session.send({ kind: 'ready', handler: frame.handler, generation: frame.generation })
  }
  if (frame.kind === 'remove') {
    session.send({ kind: 'removed', handler: frame.handler, generation: frame.generation })
  }
  if (frame.kind === 'ping') session.send({ kind: 'pong', nonce: frame.nonce })
  if (frame.kind === 'drain') session.end()
}

/** Allows every call of a frame, and gives the credit back. */
export function allowAll(session: ScriptedSession, frame: Calls): void {
  session.send({
    kind: 'results',
    results: frame.calls.map(({ id }) => ({ kind: 'verdict', id, verdict: allowed, output: undefined })),
    credits: frame.calls.length,
  })
}

const allowed = {
  kind: 'allow',
  caching: { kind: 'no-opinion' },
  headers: [],
  metadata: {},
  output: {},
  cacheKeys: [],
} as const

/** An adapter with manners. */
export const wellBehaved: Script = (session, frame) => {
  politely(session, frame)
  if (frame.kind === 'calls') allowAll(session, frame)
}

/** Polite until calls come. */
export const untilCalled =
  (act: (session: ScriptedSession, frame: Calls) => void): Script =>
  (session, frame) => {
    politely(session, frame)
    if (frame.kind === 'calls') act(session, frame)
  }

/** An allow for a call. */
export const verdictFor = (id: number) =>
  ({
    kind: 'verdict',
    id,
    verdict: {
      kind: 'allow',
      caching: { kind: 'no-opinion' },
      headers: [],
      metadata: {},
      output: {},
      cacheKeys: [],
    },
    output: undefined,
  }) as const
