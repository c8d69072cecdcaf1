import { AdapterSession } from '../session/adapter-session.js'
import type { HandlerPool } from '../session/handler-pool.js'
import type { ResolvedSessionOptions } from '../session/options.js'
import type { FramePipe } from '../session/outbox.js'
import type { AdapterProcess } from '../session/process.js'

/** What the sessions need of their server. */
export interface SessionServiceOptions {
  readonly process: AdapterProcess
  readonly pool: HandlerPool
  readonly session: ResolvedSessionOptions
  readonly maxSessions: number
  readonly log: (line: string) => void
}

/** Why there is no session: the server goes, or has as many as it takes. */
export interface NoSession {
  readonly kind: 'draining' | 'full'
  readonly message: string
}

/** The sessions of a server, one for each host, whatever carries them. */
export class SessionService {
  readonly #options: SessionServiceOptions
  readonly #sessions = new Set<AdapterSession>()
  #draining: string | undefined

  constructor(options: SessionServiceOptions) {
    this.#options = options
  }

  /** How every session here behaves. */
  get options(): ResolvedSessionOptions {
    return this.#options.session
  }

  /** Begins a session with the host at the other end of a pipe, or says why not. */
  open(pipe: FramePipe, peer: string): AdapterSession | NoSession {
    const { process, pool, session: options, maxSessions, log } = this.#options
    if (this.#draining !== undefined) {
      return { kind: 'draining', message: `This adapter takes nothing new: ${this.#draining}` }
    }
    if (this.#sessions.size >= maxSessions) {
      log(`A session of ${peer} was refused: ${maxSessions} are open`)
      return { kind: 'full', message: `More than ${maxSessions} sessions` }
    }
    const session = new AdapterSession(process, pool, pipe, options)
    this.#sessions.add(session)
    void session.done.then(end => {
      this.#sessions.delete(session)
      if (end.code.startsWith('PROTOCOL_')) log(`A session of ${peer} was ended: ${end.code}: ${end.message}`)
    })
    return session
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
}
