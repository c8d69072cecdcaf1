import { ProtocolError } from '../protocol/errors.js'
import type { AdapterFrame, HostFrame, HostHello } from '../protocol/frames.js'
import { decodeHostFrame } from '../protocol/host-frames.js'
import { defaultLimits } from '../protocol/limits.js'
import type { HandlerListener, HandlerPool } from './handler-pool.js'
import { answerTo } from './hello.js'
import { Invalidations } from './invalidations.js'
import { LogRate } from './log-rate.js'
import type { ResolvedSessionOptions } from './options.js'
import { type FramePipe, Outbox } from './outbox.js'
import type { AdapterProcess } from './process.js'
import { SessionCalls } from './session-calls.js'
import { SessionHandlers } from './session-handlers.js'

/** Why and how a session ended. */
export interface SessionEnd {
  /** `OK`, `DRAINED`, `SHUTDOWN`, `GONE` (the transport went first), or a ProtocolErrorCode. */
  readonly code: string
  readonly message: string
}

type State =
  | { readonly at: 'handshake'; readonly since: number }
  | { readonly at: 'open'; readonly host: HostHello }
  /** `ours`: we asked the host to stop; `theirs`: it said that nothing new will come. */
  | { readonly at: 'draining'; readonly host: HostHello; readonly asked: 'ours' | 'theirs' }
  | { readonly at: 'ended'; readonly end: SessionEnd }

/** Characters of the message of a close frame; it may quote what an author, or the other side, wrote. */
const maxReason = 1_024

/** How often silence is looked at, milliseconds. */
const tickMs = 500

/**
 * The adapter's side of one session, over any pipe of frames: it knows nothing of gRPC. Give it what comes in
 * (`receive`), tell it when the pipe has room again (`drained`) and when it has gone (`lost`).
 */
export class AdapterSession {
  /** Resolves when the session has ended and its handlers were let go; never rejects. */
  readonly done: Promise<SessionEnd>
  readonly #process: AdapterProcess
  readonly #pipe: FramePipe
  readonly #options: ResolvedSessionOptions
  readonly #handlers: SessionHandlers
  readonly #calls: SessionCalls
  #outbox: Outbox
  #logs: LogRate
  #invalidations: Invalidations | undefined
  #state: State
  #resolveDone: (end: SessionEnd) => void = () => {}
  #lastHeard: number
  #pinged = false
  #nonce = 0
  #stopTick: () => void

  constructor(process: AdapterProcess, pool: HandlerPool, pipe: FramePipe, options: ResolvedSessionOptions) {
    const { clock, limits, schedule, crashed } = options
    this.#process = process
    this.#pipe = pipe
    this.#options = options
    this.#outbox = new Outbox(pipe, defaultLimits, schedule)
    this.#logs = new LogRate(defaultLimits.logsPerSecond, () => clock.now())
    this.#handlers = new SessionHandlers(process, pool, limits.handlers, {
      send: frame => this.#send(frame),
      listener: handler => this.#listener(handler),
      crashed,
    })
    const callLimits = { credits: options.credits, bytesInFlight: limits.bytesInFlight }
    this.#calls = new SessionCalls(this.#handlers, callLimits, clock, {
      result: (result, credits, isLast) => this.#outbox.result(result, credits, isLast),
      idle: () => this.#closeWhenDrained(),
      crashed,
    })
    this.#lastHeard = clock.now()
    this.#state = { at: 'handshake', since: this.#lastHeard }
    this.done = new Promise(resolve => {
      this.#resolveDone = resolve
    })
    this.#stopTick = clock.after(tickMs, this.#tick)
  }

  /** Calls without a result. */
  get underway(): number {
    return this.#calls.underway
  }

  /** The host's hello; undefined before it came. */
  get host(): HostHello | undefined {
    return this.#state.at === 'open' || this.#state.at === 'draining' ? this.#state.host : undefined
  }

  /** Takes one frame from the host. What breaks the protocol ends the session; nothing is thrown. */
  receive(bytes: Uint8Array): void {
    if (this.#state.at === 'ended') return
    this.#lastHeard = this.#options.clock.now()
    this.#pinged = false
    try {
      const frame = decodeHostFrame(bytes, this.#options.limits)
      if (this.#state.at === 'handshake') this.#shake(frame)
      else if (frame !== undefined) this.#take(frame)
    } catch (thrown) {
      this.broken(thrown)
    }
  }

  /** What the host sent cannot be taken: the session ends with the reason. Safe twice. */
  broken(thrown: unknown): void {
    if (thrown instanceof ProtocolError) this.#end(thrown.code, thrown.message)
    else this.#end('SHUTDOWN', `The adapter failed: ${thrown instanceof Error ? thrown.message : thrown}`)
  }

  /** The pipe has room again. */
  drained(): void {
    this.#outbox.drained()
    this.#invalidations?.flush()
  }

  /** The transport has gone; nothing can be sent any more. */
  lost(reason: string): void {
    this.#outbox.abandon()
    this.#end('GONE', reason)
  }

  /** Asks the host to make no new calls here. What comes all the same is answered. Safe twice. */
  drain(reason: string): void {
    switch (this.#state.at) {
      case 'handshake':
        this.#end('DRAINED', reason)
        return
      case 'open':
        this.#state = { at: 'draining', host: this.#state.host, asked: 'ours' }
        this.#send({ kind: 'drain', reason })
        return
      case 'draining':
      case 'ended':
        return
    }
  }

  /** Ends the session at once. Calls under way get no result. Safe twice. */
  close(reason: string): void {
    this.#end('SHUTDOWN', reason)
  }

  #shake(frame: HostFrame | undefined): void {
    if (frame?.kind === 'close') {
      this.#end('OK', frame.message)
      return
    }
    if (frame?.kind !== 'hello') {
      throw new ProtocolError(
        'PROTOCOL_UNEXPECTED_FRAME',
        `${frame?.kind ?? 'An unknown frame'} came before hello`,
      )
    }
    const hello = answerTo(frame, this.#process, this.#options)
    const { schedule, clock } = this.#options
    this.#outbox = new Outbox(this.#pipe, frame.limits, schedule)
    this.#logs = new LogRate(frame.limits.logsPerSecond, () => clock.now())
    if (frame.features.includes('invalidate')) {
      this.#invalidations = new Invalidations(frame.limits, clock, schedule, {
        send: each => this.#send(each),
        full: () => this.#outbox.full,
      })
    }
    this.#state = { at: 'open', host: frame }
    this.#send(hello)
  }

  #take(frame: HostFrame): void {
    switch (frame.kind) {
      case 'calls':
        this.#calls.start(frame.calls)
        return
      case 'cancel':
        this.#calls.cancel(frame)
        return
      case 'configure':
        this.#handlers.configure(frame)
        return
      case 'remove':
        this.#handlers.remove(frame)
        return
      case 'ping':
        this.#send({ kind: 'pong', nonce: frame.nonce })
        return
      case 'pong':
        return
      case 'drain':
        this.#hostDrains()
        return
      case 'close':
        this.#end('OK', frame.message)
        return
      case 'hello':
        throw new ProtocolError('PROTOCOL_UNEXPECTED_FRAME', 'A second hello')
    }
  }

  #hostDrains(): void {
    if (this.#state.at === 'open' || this.#state.at === 'draining') {
      this.#state = { at: 'draining', host: this.#state.host, asked: 'theirs' }
      this.#closeWhenDrained()
    }
  }

  #closeWhenDrained(): void {
    const state = this.#state
    if (state.at === 'draining' && state.asked === 'theirs' && this.#calls.underway === 0) {
      this.#end('DRAINED', 'Nothing is under way any more')
    }
  }

  #listener(handler: number): HandlerListener {
    return {
      log: (level, message) => {
        if (this.host?.features.includes('log') !== true) return
        if (this.#outbox.full) {
          this.#logs.drop()
          return
        }
        const dropped = this.#logs.pass()
        if (dropped === undefined) return
        const { messageBytes, frameBytes } = this.host.limits
        // A character has three bytes at most, and a quarter of the frame is for everything else.
        const text = message.slice(0, Math.min(messageBytes, frameBytes / 4))
        this.#send({ kind: 'log', handler, level, message: text, dropped })
      },
      invalidate: key => this.#invalidations?.add(handler, key),
    }
  }

  #send(frame: AdapterFrame): void {
    if (this.#state.at !== 'ended') this.#outbox.frame(frame)
  }

  readonly #tick = (): void => {
    const { clock, handshakeMs, pingAfterMs, silenceMs } = this.#options
    const now = clock.now()
    if (this.#state.at === 'handshake' && now - this.#state.since >= handshakeMs) {
      this.#end('PROTOCOL_HANDSHAKE_TIMEOUT', `No hello within ${handshakeMs} ms`)
      return
    }
    const silentMs = now - this.#lastHeard
    if (silentMs >= silenceMs) {
      this.#end('PROTOCOL_PING_TIMEOUT', `Nothing was heard of the host for ${silentMs} ms`)
      return
    }
    if (silentMs >= pingAfterMs && !this.#pinged && this.host !== undefined && !this.#outbox.full) {
      this.#pinged = true
      this.#send({ kind: 'ping', nonce: ++this.#nonce })
    }
    if (this.#state.at !== 'ended') this.#stopTick = clock.after(tickMs, this.#tick)
  }

  /** The one way out: whatever waits is settled, every handler let go. */
  #end(code: string, message: string): void {
    if (this.#state.at === 'ended') return
    const end = { code, message }
    this.#invalidations?.end()
    const reason = message.slice(0, maxReason)
    this.#outbox.end({ kind: 'close', code: code === 'GONE' ? 'OK' : code, message: reason })
    this.#state = { at: 'ended', end }
    this.#stopTick()
    this.#calls.abandon()
    void this.#handlers.close().then(() => this.#resolveDone(end))
  }
}
