import { Metadata } from '@grpc/grpc-js'
import type { AdapterError } from '@outboard/adapters-sdk'
import {
  type AdapterHello,
  decodeAdapterFrame,
  encodeHostFrame,
  knownFeatures,
  ProtocolError,
  protocolVersion,
} from '@outboard/adapters-sdk/protocol'
import type { Dialer } from '../endpoints/endpoint.js'
import type { Target } from '../endpoints/target.js'
import { failure, messageOf } from '../failure.js'
import type { LinkEvents } from '../link.js'
import type { Remote } from '../options.js'
import type { HopSecurity } from '../security/hop-security.js'
import { SessionLink } from './session-link.js'
import { SessionStream } from './session-stream.js'

/** Opens a session: dials, says hello, and hands the link out when the adapter has said hello too. */
export function sessionDialer(target: Target, security: HopSecurity, remote: Remote): Dialer {
  return {
    fingerprint: () => security.fingerprint(),
    async connect(events, signal) {
      const dial = security.dial(target)
      const metadata = new Metadata()
      if (security.token !== undefined) metadata.set(security.token.header, await security.token.value())
      const handshake = new Handshake(events, remote)
      const stream = new SessionStream(target.grpcTarget, dial, remote.limits.frameBytes, metadata, handshake)
      return { link: await handshake.start(stream, signal), fingerprint: dial.fingerprint }
    },
  }
}

type State =
  | { readonly at: 'waiting' }
  | { readonly at: 'linked'; readonly link: SessionLink }
  | { readonly at: 'failed' }

/** From the first byte to the adapter's hello; afterwards it only passes on. */
class Handshake {
  readonly #events: LinkEvents
  readonly #remote: Remote
  #state: State = { at: 'waiting' }
  #stream: SessionStream | undefined
  #resolve: (link: SessionLink) => void = () => {}
  #reject: (error: AdapterError) => void = () => {}
  #stopTimer = () => {}

  constructor(events: LinkEvents, remote: Remote) {
    this.#events = events
    this.#remote = remote
  }

  start(stream: SessionStream, signal: AbortSignal): Promise<SessionLink> {
    this.#stream = stream
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
      stream.write(
        encodeHostFrame({
          kind: 'hello',
          versionMin: protocolVersion,
          versionMax: protocolVersion,
          ...identity,
          features: knownFeatures,
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
      this.#refuse(thrown)
    }
  }

  writable(): void {
    if (this.#state.at === 'linked') this.#state.link.writable()
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
    const stream = this.#stream
    if (stream === undefined) return
    this.#stopTimer()
    // Views of the frame would keep it alive; the descriptors are all that is large, and outlive nothing else.
    const link = new SessionLink(frame, stream, this.#events, this.#remote)
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
    this.#stream?.shut(encodeHostFrame({ kind: 'close', ...close }))
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
