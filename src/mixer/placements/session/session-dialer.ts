import { Metadata } from '@grpc/grpc-js'
import { type AdapterHello, socketFeature } from '@outboard/adapters-sdk/protocol'
import type { Dialer } from '../endpoints/endpoint.js'
import type { Target } from '../endpoints/target.js'
import { messageOf } from '../failure.js'
import type { LinkEvents } from '../link.js'
import type { Remote, SessionCarrier } from '../options.js'
import type { Dial, HopSecurity } from '../security/hop-security.js'
import { type EventsFor, Handshake } from './handshake.js'
import type { SessionLink } from './session-link.js'
import { SocketPipe } from './socket-pipe.js'
import { StreamPipe } from './stream-pipe.js'
import { upgrade } from './upgrade.js'

/**
 * Opens a session: dials, says hello, and hands the link out when the adapter has said hello too. The first hello travels on a
 * gRPC stream, which every adapter knows. One that offers sockets is then dialled again, and at once in that way from the
 * second connection on; where no socket can be had (something in between may speak only HTTP/2) the session stays on a stream.
 */
export function sessionDialer(
  target: Target,
  security: HopSecurity,
  remote: Remote,
  carrier: SessionCarrier = remote.sessionCarrier,
): Dialer {
  const features = carrier === 'grpc' ? [] : [socketFeature]
  /** Whether the last connection was a socket, so that the next one begins as one. */
  let socketKnown = false

  const byStream = async (dial: Dial, eventsFor: EventsFor, signal: AbortSignal): Promise<SessionLink> => {
    const metadata = new Metadata()
    for (const [name, value] of Object.entries(await tokenHeader(security))) metadata.set(name, value)
    const handshake = new Handshake(eventsFor, features, remote)
    const pipe = new StreamPipe(target.grpcTarget, dial, remote.limits.frameBytes, metadata, handshake)
    return handshake.start(pipe, signal)
  }

  const bySocket = async (dial: Dial, events: LinkEvents, signal: AbortSignal): Promise<SessionLink> => {
    const headers = await tokenHeader(security)
    const asked = { target, tls: dial.tls, headers, waitMs: remote.timing.handshakeMs }
    const { socket, reads, head } = await upgrade(asked, remote.clock, signal)
    const handshake = new Handshake(() => events, features, remote)
    const pipe = new SocketPipe(socket, reads, remote.limits.frameBytes, handshake)
    const link = handshake.start(pipe, signal)
    pipe.begin(head)
    return link
  }

  /** undefined: there is none to be had, and the log says why. */
  const trySocket = async (dial: Dial, events: LinkEvents, signal: AbortSignal) => {
    try {
      const link = await bySocket(dial, events, signal)
      socketKnown = true
      return link
    } catch (thrown) {
      socketKnown = false
      remote.telemetry.log.info('session_socket_failed', { address: target.name, reason: messageOf(thrown) })
      return undefined
    }
  }

  const connect = async (dial: Dial, events: LinkEvents, signal: AbortSignal): Promise<SessionLink> => {
    if (socketKnown) {
      const link = await trySocket(dial, events, signal)
      return link ?? byStream(dial, () => events, signal)
    }
    const offered = (hello: AdapterHello) => carrier === 'auto' && hello.features.includes(socketFeature)
    const first = await byStream(dial, hello => (offered(hello) ? nobody : events), signal)
    if (!offered(first.hello)) return first
    const link = await trySocket(dial, events, signal)
    void first.retire(link === undefined ? 'a stream of its own follows' : 'a socket carries it now', 0)
    return link ?? byStream(dial, () => events, signal)
  }

  return {
    fingerprint: () => security.fingerprint(),
    async connect(events, signal) {
      const dial = security.dial(target)
      return { link: await connect(dial, events, signal), fingerprint: dial.fingerprint }
    },
  }
}

/** Of a stream that only asked what the adapter offers. */
const nobody: LinkEvents = { draining: () => {}, ended: () => {} }

async function tokenHeader({ token }: HopSecurity): Promise<Readonly<Record<string, string>>> {
  return token === undefined ? {} : { [token.header]: await token.value() }
}
