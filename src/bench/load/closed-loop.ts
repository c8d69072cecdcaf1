import { maxErrors, type Operation, type RunOutcome, Tally } from './run.js'

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
    const next = (lane: number): void => {
      const sentAt = performance.now()
      if (sentAt >= end || made >= maxCalls || tally.errors >= maxErrors) {
        if (--busy === 0)
          resolve(tally.outcome(Math.min(ms, performance.now() - startedAt) / 1_000, undefined))
        return
      }
      made++
      operation(lane, failure => {
        const now = performance.now()
        tally.ended(failure, now - sentAt, now < end)
        if (now - turnedAt < turnMs) next(lane)
        else {
          turnedAt = now
          setImmediate(next, lane)
        }
      })
    }
    for (let lane = 0; lane < depth; lane++) next(lane)
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
