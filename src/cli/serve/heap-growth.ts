/** A full collection of V8's heap. */
export interface FullCollection {
  /** How long JavaScript stood still for its last part, milliseconds. */
  readonly pauseMs: number
  /** Time since the one before ended, milliseconds. */
  readonly sinceMs: number
}

/** How far the heap may grow beyond what was in use, before all of it is collected, percent: at first, least and most. */
export const growthPercent = { first: 40, least: 5, most: 100 } as const

/** A pause longer than this is worth collecting more often for, milliseconds. */
const longPauseMs = 25
/** A full collection costs tens of milliseconds of CPU: any that come closer than this cost too much of it, milliseconds. */
const tooOftenMs = 1_500
const step = 1.5

/**
 * The growth after a full collection. What is collected after little growth is collected often, and in short pauses. So the
 * growth shrinks while pauses are long; but not when collections come so often that their cost counts, as they do
 * when much that lives outside the heap comes and goes: then it grows.
 */
export function nextGrowthPercent(now: number, { pauseMs, sinceMs }: FullCollection): number {
  if (sinceMs < tooOftenMs) return Math.min(growthPercent.most, now * step)
  // One step less must not make them come too often, or it would be taken back by the next one.
  if (pauseMs > longPauseMs && sinceMs > step * step * tooOftenMs)
    return Math.max(growthPercent.least, now / step)
  return now
}
