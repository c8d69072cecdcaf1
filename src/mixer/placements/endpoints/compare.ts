import { failure } from '../failure.js'
import type { Endpoint } from './endpoint.js'
import { connectionOf } from './endpoint-state.js'

/** An endpoint is slow when it takes this many times as long as the best other one … */
const slowFactor = 3
/** … and at least this much longer, milliseconds: below that, nobody notices. */
const slowFloorMs = 20
/** An endpoint is silent when calls wait and nothing has come for this long, milliseconds, though others answer. */
const silenceMs = 250
/** Calls given up in a row that set an endpoint aside. */
const timeoutsInARow = 3

/**
 * Looks at the endpoints of one handler side by side: those that are slow beside the others, or that let several calls
 * in a row run out of time, are set aside; those that were, and answer well again, are brought back. Calls that wait for
 * one that has fallen silent are asked elsewhere, while there is time.
 * @param now milliseconds since the epoch
 */
export function compare(endpoints: readonly Endpoint[], now: number): void {
  for (const endpoint of endpoints) {
    endpoint.reconsider()
    const link = connectionOf(endpoint.state)?.link
    if (link === undefined) continue
    const best = bestOf(endpoints, endpoint)
    const limitMs =
      best === undefined ? Number.POSITIVE_INFINITY : Math.max(best * slowFactor, best + slowFloorMs)
    const silentMs = now - (link.silentSince ?? now)
    if (silentMs > Math.max(silenceMs, limitMs)) {
      const reason = `no answer for ${Math.round(silentMs)} ms, though calls wait`
      endpoint.degrade(reason, limitMs)
      link.moveOn(failure('ADAPTER_TIMEOUT', `The adapter at ${endpoint.address} is silent: ${reason}`))
      continue
    }
    if (endpoint.state.at !== 'ready') continue
    const { latency } = link
    if (latency.timeoutsInARow >= timeoutsInARow) {
      endpoint.degrade(`${latency.timeoutsInARow} calls in a row had no answer in time`, limitMs)
    } else if (latency.averageMs !== undefined && latency.averageMs > limitMs) {
      const slow = `answers in ${latency.averageMs.toFixed(1)} ms, others in ${best?.toFixed(1)} ms`
      endpoint.degrade(slow, limitMs)
    }
  }
}

/** The fastest average among the others that are ready. */
function bestOf(endpoints: readonly Endpoint[], except: Endpoint): number | undefined {
  let best: number | undefined
  for (const endpoint of endpoints) {
    if (endpoint === except || endpoint.state.at !== 'ready') continue
    const average = connectionOf(endpoint.state)?.link.latency.averageMs
    if (average !== undefined && (best === undefined || average < best)) best = average
  }
  return best
}
