import { maxErrors, type Operation, type RunOutcome, Tally } from './run.js'
import type { Done } from './unary-client.js'

/** How long calls that never leave this process may keep the event loop from turning: timers and collections need it. */
const turnMs = 1

/**
 * Keeps `depth` calls under way for some time; each lane makes its next call when its last one has ended. So a server that
 * stalls is asked less, and what the latencies tell is what `depth` patient callers see. For stalls, see the open loop.
 * Ends sooner when `maxCalls` were made.
 */
export function closedLoop(
  operation: Operation,
  depth: number,
  ms: number,
  maxCalls = Number.POSITIVE_INFINITY,
): Promise<RunOutcome> {
  const tally = new Tally()
  const startedAt = performance.now()
  const end = startedAt + ms
  let busy = depth
  let made = 0
  let turnedAt = startedAt
  return new Promise(resolve => {
    /** All calls of one lane share their functions: a call makes no object of its own here. */
    const startLane = (lane: number): void => {
      let sentAt = 0
      /** `now` is also when the lane's last call ended: the clock is read once for each call. */
      const send = (now: number): void => {
        if (now >= end || made >= maxCalls || tally.errors >= maxErrors) {
          if (--busy === 0)
            resolve(tally.outcome(Math.min(ms, performance.now() - startedAt) / 1_000, undefined))
          return
        }
        made++
        sentAt = now
        operation(lane, ended)
      }
      const sendLater = () => send(performance.now())
      const ended: Done = failure => {
        const now = performance.now()
        tally.ended(failure, now - sentAt, now < end)
        if (now - turnedAt < turnMs) send(now)
        else {
          turnedAt = now
          setImmediate(sendLater)
        }
      }
      send(performance.now())
    }
    for (let lane = 0; lane < depth; lane++) startLane(lane)
  })
}

/** Makes a number of calls, one after the other, and answers how long each took, microseconds. */
export async function oneByOne(
  operation: Operation,
  count: number,
): Promise<{ us: number[]; firstError?: string }> {
  const us: number[] = []
  for (let i = 0; i < count; i++) {
    const sentAt = performance.now()
    const failure = await new Promise<string | undefined>(resolve => operation(0, resolve))
    us.push((performance.now() - sentAt) * 1_000)
    if (failure !== undefined) return { us, firstError: failure }
  }
  return { us }
}
