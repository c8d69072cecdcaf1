import { AdapterError } from '@outboard/adapters-sdk'
import type { Dialer } from './endpoints/endpoint.js'
import type { Target } from './endpoints/target.js'
import type { Remote } from './options.js'
import type { HopSecurity } from './security/hop-security.js'
import { sessionDialer } from './session/session-dialer.js'
import { NoSessionService } from './session/stream-pipe.js'
import { unaryDialer } from './unary/connect-unary.js'

/**
 * The session; or Istio's unary services, when the adapter does not know the session. Asked anew at each connection:
 * an adapter that was upgraded gets its session with its first reconnect.
 */
export function autoDialer(target: Target, security: HopSecurity, remote: Remote): Dialer {
  const session = sessionDialer(target, security, remote)
  const unary = unaryDialer(target, security, remote)
  return {
    fingerprint: () => security.fingerprint(),
    async connect(events, signal) {
      try {
        return await session.connect(events, signal)
      } catch (thrown) {
        if (!hasNoSession(thrown)) throw thrown
        return unary.connect(events, signal)
      }
    },
  }
}

/** Whether the adapter said that it has no session service. */
export function hasNoSession(thrown: unknown): boolean {
  return thrown instanceof AdapterError && thrown.cause instanceof NoSessionService
}
