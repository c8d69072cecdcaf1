import type { AdapterError } from '@outboard/adapters-sdk'
import {
  type AdapterFrame,
  type AdapterHello,
  decodeAdapterFrame,
  encodeHostFrame,
  type HandlerRef,
  type HostFrame,
  ProtocolError,
} from '@outboard/adapters-sdk/protocol'
import { failure, messageOf } from '../failure.js'
import type { Link, LinkEvents, LinkedHandler, LinkOpened } from '../link.js'
import type { Remote } from '../options.js'
import { CallLane } from './call-lane.js'
import { configureFrame } from './configure.js'
import { FrameBudget } from './frame-budget.js'
import type { FramePipe } from './frame-pipe.js'
import { HandlerOnSession } from './handler-on-session.js'
import { HandlerTable } from './handler-table.js'
import { Liveness } from './liveness.js'

/** Bytes of frames that may wait for a stream that takes nothing, beyond what calls may have in flight. */
const maxUnsentBytes = 1_048_576

type State =
  | { readonly at: 'open' }
  /** Nothing new; ends when the last result is in. */
  | { readonly at: 'draining'; readonly done: () => void }
  | { readonly at: 'ended'; readonly error: AdapterError }

/** A session with one adapter process, after the hellos. */
export class SessionLink implements Link {
  readonly protocol: string
  readonly hello: AdapterHello
  readonly #stream: FramePipe
  readonly #events: LinkEvents
  readonly #remote: Remote
  readonly #lane: CallLane
  readonly #handlers = new HandlerTable()
  readonly #budget: FrameBudget
  readonly #liveness: Liveness
  readonly #templates: ReadonlyMap<string, number>
  #state: State = { at: 'open' }
  #retiring: Promise<void> | undefined
  #heardDrain = false

  constructor(hello: AdapterHello, stream: FramePipe, events: LinkEvents, remote: Remote) {
    this.hello = hello
    this.protocol = `session on a ${stream.carrier}`
    this.#stream = stream
    this.#events = events
    this.#remote = remote
    this.#lane = new CallLane(hello, frame => this.#put(frame), remote)
    this.#budget = new FrameBudget(remote.clock.now())
    this.#templates = new Map(hello.templates.map(template => [template.name, template.number]))
    this.#liveness = new Liveness(remote, {
      ping: nonce => this.#send({ kind: 'ping', nonce }),
      dead: reason => this.broken(new ProtocolError('PROTOCOL_PING_TIMEOUT', reason)),
      sweep: () => this.#sweep(),
    })
  }

  get inFlight(): number {
    return this.#lane.inFlight
  }

  get latency() {
    return this.#lane.latency
  }

  get silentSince(): number | undefined {
    return this.#lane.silentSince
  }

  moveOn(error: AdapterError): void {
    this.#lane.moveOn(error)
  }

  open(handler: LinkedHandler): Promise<LinkOpened> {
    if (this.#state.at !== 'open') return Promise.resolve({ kind: 'lost', error: this.#notOpen() })
    const frame = configureFrame(handler.spec, this.hello)
    if (frame.kind === 'refused') return Promise.resolve(frame)
    if (this.#handlers.size >= this.hello.limits.handlers) {
      const problem = {
        path: '',
        message: `the adapter takes ${this.hello.limits.handlers} handlers, no more`,
      }
      return Promise.resolve({ kind: 'refused', problems: [problem], retryable: true })
    }
    return new Promise(resolve => {
      const ref = this.#handlers.add(
        handler,
        opened => {
          stop()
          resolve(opened)
        },
        ready => this.#opened(ready),
      )
      const stop = this.#remote.clock.after(this.#remote.timing.configureMs, () => {
        this.#remove(ref)
        const message = `the adapter has not answered the settings in ${this.#remote.timing.configureMs} ms`
        resolve({ kind: 'refused', problems: [{ path: '', message }], retryable: true })
      })
      this.#send({ ...frame, ...ref })
    })
  }

  #opened(ref: HandlerRef): LinkOpened {
    const handler = new HandlerOnSession(ref, this.#templates, this.#lane, {
      refusal: () => (this.#state.at === 'open' ? undefined : this.#notOpen()),
      close: () => this.#remove(ref),
      withdraws: this.hello.features.includes('invalidate'),
    })
    return { kind: 'ready', handler }
  }

  #remove(ref: HandlerRef): void {
    if (this.#handlers.remove(ref) && this.#state.at !== 'ended') this.#send({ kind: 'remove', ...ref })
  }

  /** A frame arrived. Whatever is wrong with it ends this session, and only this. */
  frame(bytes: Buffer): void {
    if (this.#state.at === 'ended') return
    try {
      this.#liveness.heard()
      const frame = decodeAdapterFrame(bytes, this.#remote.limits)
      if (frame?.kind === 'results') {
        this.#lane.results(frame)
        this.#finishDraining()
      } else {
        this.#control(frame)
      }
    } catch (thrown) {
      this.broken(thrown)
    }
  }

  writable(): void {
    if (this.#state.at !== 'ended') this.#lane.writable()
  }

  #control(frame: Exclude<AdapterFrame, { kind: 'results' }> | undefined): void {
    switch (frame?.kind) {
      case 'ready':
        this.#handlers.ready(frame)
        return
      case 'refused':
        this.#handlers.refused(frame)
        return
      case 'removed':
        this.#handlers.removed(frame)
        return
    }
    this.#budget.spend(this.#remote.clock.now())
    switch (frame?.kind) {
      case undefined: // of a later version
        return
      case 'credit':
        this.#lane.credit(frame.credits)
        return
      case 'ping':
        this.#send({ kind: 'pong', nonce: frame.nonce })
        return
      case 'pong': // hearing it was all
        return
      case 'drain':
        this.#adapterDrains(frame.reason)
        return
      case 'invalidate': {
        const handler = this.#handlers.find(frame.handler)
        if (handler === undefined) return // withdrawn after it was removed: its answers are withdrawn already
        if (frame.keys.length === 0) handler.host.invalidated(handler.spec.id, undefined)
        else for (const key of frame.keys) handler.host.invalidated(handler.spec.id, key)
        return
      }
      case 'log': {
        const handler = this.#handlers.find(frame.handler)
        const dropped = frame.dropped > 0 ? ` (${frame.dropped} lines before it were dropped)` : ''
        const message = frame.message + dropped
        if (handler !== undefined) handler.host.adapterLog(handler.spec.id, frame.level, message)
        else this.#remote.telemetry.log[frame.level]('adapter_log', { adapter: this.hello.name, message })
        return
      }
      case 'close':
        this.#end(
          failure('ADAPTER_UNAVAILABLE', `The adapter closed the session: ${frame.code} ${frame.message}`),
        )
        return
      case 'hello':
        throw new ProtocolError('PROTOCOL_UNEXPECTED_FRAME', 'A second hello')
    }
  }

  #adapterDrains(reason: string): void {
    if (this.#heardDrain) return
    this.#heardDrain = true
    this.#events.draining(reason)
    this.#lane.turnAway(failure('ADAPTER_DRAINING', `The adapter takes nothing new: ${reason}`))
  }

  retire(reason: string, graceMs: number): Promise<void> {
    this.#retiring ??= new Promise(resolve => {
      if (this.#state.at === 'ended') return resolve()
      const end = () => this.#end(failure('ADAPTER_UNAVAILABLE', `The session was closed: ${reason}`))
      const stop = this.#remote.clock.after(graceMs, end)
      const done = () => {
        stop()
        resolve()
      }
      this.#state = { at: 'draining', done }
      this.#send({ kind: 'drain', reason })
      this.#finishDraining()
    })
    return this.#retiring
  }

  #finishDraining(): void {
    if (this.#state.at !== 'draining' || !this.#lane.idle) return
    // One more turn: results that came in this one may still be on their way to whoever asked again.
    this.#end(failure('ADAPTER_UNAVAILABLE', 'The session was closed after its last result'))
  }

  destroy(error: AdapterError): void {
    this.#end(error)
  }

  /** The stream under the session has ended. */
  streamEnded(error: AdapterError): void {
    this.#end(error)
  }

  #sweep(): void {
    const stuck = this.#lane.sweep(this.#remote.timing.abandonedMs)
    if (stuck === undefined) return
    const waited = `No result for call ${stuck.id} within ${this.#remote.timing.abandonedMs} ms of its deadline`
    this.broken(new ProtocolError('PROTOCOL_LIMIT', waited))
  }

  /** The adapter broke the protocol: it is told why, and the session ends. */
  broken(thrown: unknown): void {
    const code = thrown instanceof ProtocolError ? thrown.code : 'PROTOCOL_MALFORMED'
    const reason = messageOf(thrown)
    this.#remote.telemetry.counter('outboard_session_protocol_errors_total', { code }).add(1)
    this.#end(failure('ADAPTER_PROTOCOL', `The adapter broke the protocol: ${code}: ${reason}`, thrown), {
      code,
      message: reason,
    })
  }

  /** The one way out: whoever waits is told, then the stream is let go. */
  #end(error: AdapterError, close = { code: 'OK', message: '' }): void {
    const state = this.#state
    if (state.at === 'ended') return
    this.#state = { at: 'ended', error }
    this.#liveness.stop()
    this.#stream.shut(encodeHostFrame({ kind: 'close', ...close }))
    this.#events.ended(error)
    this.#withdraw()
    this.#handlers.failAll(error)
    this.#lane.failAll(error)
    if (state.at === 'draining') state.done()
  }

  /**
   * Nobody tells us any more when an answer with keys stops being true: what was kept of such handlers goes now, so that
   * a withdrawal which the adapter made without us is not missed.
   */
  #withdraw(): void {
    for (const number of this.#lane.withdrawable) {
      const handler = this.#handlers.find(number)
      handler?.host.doubted(handler.spec.id)
    }
  }

  #notOpen(): AdapterError {
    const state = this.#state
    return state.at === 'ended' ? state.error : failure('ADAPTER_DRAINING', 'The session takes nothing new')
  }

  #send(frame: HostFrame): void {
    this.#put(encodeHostFrame(frame))
  }

  #put(frame: Buffer): boolean {
    const taken = this.#stream.write(frame)
    if (!taken && this.#stream.queuedBytes > this.hello.limits.bytesInFlight + maxUnsentBytes) {
      this.broken(
        new ProtocolError(
          'PROTOCOL_LIMIT',
          `The adapter reads nothing: ${this.#stream.queuedBytes} bytes wait`,
        ),
      )
    }
    return taken
  }
}
