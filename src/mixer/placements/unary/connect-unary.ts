import type { Dialer } from '../endpoints/endpoint.js'
import type { Target } from '../endpoints/target.js'
import { failure } from '../failure.js'
import type { Remote } from '../options.js'
import type { HopSecurity } from '../security/hop-security.js'
import { UnaryChannel } from './unary-channel.js'
import { UnaryLink } from './unary-link.js'

/** Connects for Istio's unary services. That the adapter serves them, the first call shows. */
export function unaryDialer(target: Target, security: HopSecurity, remote: Remote): Dialer {
  return {
    fingerprint: () => security.fingerprint(),
    async connect(events, signal) {
      const dial = security.dial(target)
      const channel = new UnaryChannel(target.grpcTarget, dial, remote.limits.frameBytes)
      const giveUp = () => channel.close()
      signal.addEventListener('abort', giveUp, { once: true })
      let late = false
      const stop = remote.clock.after(remote.timing.handshakeMs, () => {
        late = true
        channel.close()
      })
      try {
        await channel.connected()
      } catch (thrown) {
        channel.close()
        if (!late) throw thrown
        throw failure('ADAPTER_UNAVAILABLE', `Cannot connect within ${remote.timing.handshakeMs} ms`, thrown)
      } finally {
        stop()
        signal.removeEventListener('abort', giveUp)
      }
      return { link: new UnaryLink(channel, security.token, events, remote), fingerprint: dial.fingerprint }
    },
  }
}
