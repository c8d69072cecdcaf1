import { answerMs, maxErrors, type Operation, type RunOutcome, Tally, watch } from './run.js'
import type { Done } from './unary-client.js'

/** How long calls that never leave this process may keep the event loop from turning: timers and collections need it. */
const turnMs = 1

/**
 * Keeps `depth` calls under way for some time; each lane makes its next call when its last one has ended. So a server that
 * stalls is asked less, and what the latencies tell is what `depth` patient callers see. For stalls, see the open loop.
 * All calls count, over the time until the last one has ended: without those that end late, a server would be the slower the
 * longer its calls take against `ms`. Ends sooner when `maxCalls` were made, and is given up when one has no answer in
 * `longestMs`.
 */
export function closedLoop(
  operation: Operation,
  depth: number,
  ms: number,
  maxCalls = Number.POSITIVE_INFINITY,
  longestMs = answerMs,
): Promise<RunOutcome> {
  const tally = new Tally()
  const startedAt = performance.now()
  const end = startedAt + ms
  /** When each lane's call left; infinity: the lane makes no more. */
  const sentAt = new Float64Array(depth).fill(Number.POSITIVE_INFINITY)
  let busy = depth
  let made = 0
  let turnedAt = startedAt
  let isOver = false
  return new Promise(resolve => {
    const finish = (givenUp: string | undefined): void => {
      isOver = true
      unwatch()
      resolve(
        tally.outcome({ seconds: (performance.now() - startedAt) / 1_000, lateness: undefined, givenUp }),
      )
    }
    const unwatch = watch(
      longestMs,
      now => sentAt.some(at => now - at > longestMs),
      () => finish(`a call had no answer in ${longestMs / 1_000} s, ${busy} were under way`),
    )
    /** All calls of one lane share their functions: a call makes no object of its own here. */
    const startLane = (lane: number): void => {
      /** `now` is also when the lane's last call ended: the clock is read once for each call. */
      const send = (now: number): void => {
        if (isOver) return
        if (now >= end || made >= maxCalls || tally.errors >= maxErrors) {
          sentAt[lane] = Number.POSITIVE_INFINITY
          if (--busy === 0) finish(undefined)
          return
        }
        made++
        sentAt[lane] = now
        operation(lane, ended)
      }
      const sendLater = () => send(performance.now())
      const ended: Done = failure => {
        if (isOver) return
        const now = performance.now()
        tally.ended(failure, now - (sentAt[lane] ?? now))
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

/** Makes a number of calls, one after the other, and answers how long each took, microseconds; up to the first that fails. */
export async function oneByOne(
  operation: Operation,
  count: number,
): Promise<{ us: number[]; firstError?: string }> {
  const us: number[] = []
  for (let i = 0; i < count; i++) {
    const sentAt = performance.now()
    const failure = await new Promise<string | undefined>(resolve => {
      const timer = setTimeout(resolve, answerMs, `no answer in ${answerMs / 1_000} s`)
      operation(0, problem => {
        clearTimeout(timer)
        resolve(problem)
      })
    })
    us.push((performance.now() - sentAt) * 1_000)
    if (failure !== undefined) return { us, firstError: failure }
  }
  return { us }
}
