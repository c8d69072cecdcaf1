import { AdapterError, type AdapterErrorCode, type Verdict } from '@outboard/adapters-sdk'
import type { Asker } from '../mixer/engine/cache-port.js'
import type { Clock } from '../mixer/engine/ports.js'

/** What came of waiting for another's answer: it is there, or the one who waits cannot wait any longer. */
export type Joined = { readonly kind: 'landed' } | { readonly kind: 'late'; readonly verdict: Verdict }

/** Waits until another's question to a handler is answered, at most until the deadline, or until the caller has gone. */
export function joinFlight(
  flight: Promise<unknown>,
  asker: Asker,
  clock: Clock,
  handler: string,
): Promise<Joined> {
  return new Promise(resolve => {
    const late = (code: AdapterErrorCode, why: string) => {
      const message = `Handler "${handler}" is being asked the same question by another: ${why}`
      resolve({ kind: 'late', verdict: { kind: 'failed', error: new AdapterError(code, message) } })
    }
    const waitMs = asker.answerBy - clock.now()
    const stop = Number.isFinite(waitMs)
      ? clock.after(waitMs, () => late('ADAPTER_TIMEOUT', `no answer within ${Math.round(waitMs)} ms`))
      : undefined
    asker.abandon?.add({ abandon: () => late('ADAPTER_CANCELLED', 'its caller went away') })
    const landed = () => {
      stop?.()
      resolve({ kind: 'landed' })
    }
    flight.then(landed, landed)
  })
}
