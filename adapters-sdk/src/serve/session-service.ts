import type { Server, ServerDuplexStream } from '@grpc/grpc-js'
import { sessionMethodPath } from '../protocol/frames.js'
import { AdapterSession } from '../session/adapter-session.js'
import type { HandlerPool } from '../session/handler-pool.js'
import type { ResolvedSessionOptions } from '../session/options.js'
import type { FramePipe } from '../session/outbox.js'
import type { AdapterProcess } from '../session/process.js'

type Stream = ServerDuplexStream<Buffer, Buffer>

/** How long a host may take to read the last frame before its stream is cut, milliseconds. */
const lingerMs = 5_000

/** RESOURCE_EXHAUSTED and UNAVAILABLE. */
const exhausted = 8
const unavailable = 14

/** What the sessions need of their server. */
export interface SessionServiceOptions {
  readonly process: AdapterProcess
  readonly pool: HandlerPool
  readonly session: ResolvedSessionOptions
  readonly maxSessions: number
  readonly log: (line: string) => void
}

/** The session method: a stream for each host. */
export class SessionService {
  readonly #options: SessionServiceOptions
  readonly #sessions = new Set<AdapterSession>()
  #draining: string | undefined

  constructor(options: SessionServiceOptions) {
    this.#options = options
  }

  register(server: Server): void {
    const asIs = (bytes: Buffer) => bytes
    server.register(sessionMethodPath, (stream: Stream) => this.#open(stream), asIs, asIs, 'bidi')
  }

  /** Asks every host to stop asking; resolves when the last session has ended. */
  async drain(reason: string): Promise<void> {
    this.#draining = reason
    for (const session of this.#sessions) session.drain(reason)
    await Promise.all([...this.#sessions].map(session => session.done))
  }

  /** Ends every session at once. */
  close(reason: string): void {
    this.#draining ??= reason
    for (const session of this.#sessions) session.close(reason)
  }

  #open(stream: Stream): void {
    const { process, pool, session: options, maxSessions, log } = this.#options
    if (this.#draining !== undefined) {
      stream.emit('error', {
        code: unavailable,
        details: `This adapter takes nothing new: ${this.#draining}`,
      })
      return
    }
    if (this.#sessions.size >= maxSessions) {
      log(`A session of ${stream.getPeer()} was refused: ${maxSessions} are open`)
      stream.emit('error', { code: exhausted, details: `More than ${maxSessions} sessions` })
      return
    }
    const session = new AdapterSession(process, pool, pipeOf(stream), options)
    this.#sessions.add(session)
    stream.on('data', (frame: Buffer) => session.receive(frame))
    stream.on('drain', () => session.drained())
    stream.on('end', () => {
      session.lost('The host ended the stream')
      stream.end()
    })
    stream.on('cancelled', () => session.lost('The stream was cut'))
    stream.on('error', error => session.lost(error.message))
    void session.done.then(end => {
      this.#sessions.delete(session)
      if (end.code.startsWith('PROTOCOL_')) {
        log(`A session of ${stream.getPeer()} was ended: ${end.code}: ${end.message}`)
      }
    })
    const { clock } = options
    void session.done.then(() => {
      const stop = clock.after(lingerMs, () => stream.destroy())
      stream.once('close', stop)
    })
  }
}

function pipeOf(stream: Stream): FramePipe {
  return {
    write: frame => stream.write(frame),
    pause: () => void stream.pause(),
    resume: () => void stream.resume(),
    end: () => stream.end(),
  }
}
