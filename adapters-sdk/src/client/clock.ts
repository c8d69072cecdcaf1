import { type Clock, systemClock } from '../session/clock.js'

export type { Clock }

/** A clock that never goes back: validity is not prolonged when somebody sets the machine's clock. */
export const monotonicClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  after: systemClock.after,
}
