import type { AdapterError } from '@outboard/adapters-sdk'
import {
  type AdapterHello,
  decodeAdapterFrame,
  encodeHostFrame,
  knownFeatures,
  ProtocolError,
  protocolVersion,
} from '@outboard/adapters-sdk/protocol'
import { failure, messageOf } from '../failure.js'
import type { LinkEvents } from '../link.js'
import type { Remote } from '../options.js'
import type { FramePipe, PipeEvents } from './frame-pipe.js'
import { SessionLink } from './session-link.js'

type State =
  | { readonly at: 'waiting' }
  | { readonly at: 'linked'; readonly link: SessionLink }
  | { readonly at: 'failed' }

/** Who is told of a session's life: decided when the adapter has said what it can do. */
export type EventsFor = (hello: AdapterHello) => LinkEvents

/** From the first frame to the adapter's hello; afterwards it only passes on. */
export class Handshake implements PipeEvents {
  readonly #eventsFor: EventsFor
  readonly #features: readonly string[]
  readonly #remote: Remote
  #state: State = { at: 'waiting' }
  #pipe: FramePipe | undefined
  #resolve: (link: SessionLink) => void = () => {}
  #reject: (error: AdapterError) => void = () => {}
  #stopTimer = () => {}

  /** `features`: what the host can do beyond what every session can. */
  constructor(eventsFor: EventsFor, features: readonly string[], remote: Remote) {
    this.#eventsFor = eventsFor
    this.#features = features
    this.#remote = remote
  }

  /** Says hello. Rejects with an AdapterError; bounded by the handshake time. */
  start(pipe: FramePipe, signal: AbortSignal): Promise<SessionLink> {
    this.#pipe = pipe
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      const { clock, timing, identity, limits } = this.#remote
      this.#stopTimer = clock.after(timing.handshakeMs, () =>
        this.#refuse(
          new ProtocolError('PROTOCOL_HANDSHAKE_TIMEOUT', `No hello within ${timing.handshakeMs} ms`),
        ),
      )
      signal.addEventListener('abort', () => this.#fail(failure('ADAPTER_UNAVAILABLE', 'Given up')))
      pipe.write(
        encodeHostFrame({
          kind: 'hello',
          versionMin: protocolVersion,
          versionMax: protocolVersion,
          ...identity,
          features: [...knownFeatures, ...this.#features],
          limits,
        }),
      )
    })
  }

  frame(bytes: Buffer): void {
    const state = this.#state
    if (state.at === 'linked') {
      state.link.frame(bytes)
      return
    }
    if (state.at === 'failed') return
    try {
      this.#first(bytes)
    } catch (thrown) {
      this.broken(thrown)
    }
  }

  writable(): void {
    if (this.#state.at === 'linked') this.#state.link.writable()
  }

  broken(thrown: unknown): void {
    if (this.#state.at === 'linked') this.#state.link.broken(thrown)
    else this.#refuse(thrown)
  }

  ended(error: AdapterError): void {
    if (this.#state.at === 'linked') this.#state.link.streamEnded(error)
    else this.#fail(error)
  }

  #first(bytes: Buffer): void {
    const frame = decodeAdapterFrame(bytes, this.#remote.limits)
    if (frame?.kind === 'close') {
      this.#fail(failure('ADAPTER_UNAVAILABLE', `The adapter declined: ${frame.code} ${frame.message}`))
      return
    }
    if (frame?.kind !== 'hello') {
      throw new ProtocolError(
        'PROTOCOL_UNEXPECTED_FRAME',
        `The first frame is ${frame === undefined ? 'unknown' : `"${frame.kind}"`}, not a hello`,
      )
    }
    checkHello(frame)
    const pipe = this.#pipe
    if (pipe === undefined) return
    this.#stopTimer()
    // Views of the frame would keep it alive; the descriptors are all that is large, and outlive nothing else.
    const link = new SessionLink(frame, pipe, this.#eventsFor(frame), this.#remote)
    this.#state = { at: 'linked', link }
    this.#resolve(link)
  }

  #refuse(thrown: unknown): void {
    const code = thrown instanceof ProtocolError ? thrown.code : 'PROTOCOL_MALFORMED'
    this.#remote.telemetry.counter('outboard_session_protocol_errors_total', { code }).add(1)
    const error = failure('ADAPTER_PROTOCOL', `No session: ${code}: ${messageOf(thrown)}`, thrown)
    this.#fail(error, { code, message: messageOf(thrown) })
  }

  #fail(error: AdapterError, close = { code: 'OK', message: '' }): void {
    if (this.#state.at !== 'waiting') return
    this.#state = { at: 'failed' }
    this.#stopTimer()
    this.#pipe?.shut(encodeHostFrame({ kind: 'close', ...close }))
    this.#reject(error)
  }
}

function checkHello(hello: AdapterHello): void {
  if (hello.protocol !== protocolVersion) {
    throw new ProtocolError(
      'PROTOCOL_VERSION',
      `The adapter chose protocol ${hello.protocol}; this host speaks ${protocolVersion}`,
    )
  }
  const numbers = new Set(hello.templates.map(template => template.number))
  if (numbers.size !== hello.templates.length) {
    throw new ProtocolError('PROTOCOL_MALFORMED', 'Two templates of the hello have one number')
  }
}
