import type { TAP } from 'tap'

/** Which form of the suite runs: `OUTBOARD_CHAOS=long` is the long one, everything else the short one. */
export const form: 'short' | 'long' = process.env.OUTBOARD_CHAOS === 'long' ? 'long' : 'short'

/** A number that depends on the form. */
export function sized(short: number, long: number): number {
  return form === 'long' ? long : short
}

/** Gives a test file the time of its form, in milliseconds; the runner reads the same from the comment. */
export function takesItsTime(t: TAP): void {
  const limitMs = sized(110_000, 900_000)
  t.setTimeout(limitMs)
  t.comment(`timeout=${limitMs}`)
}
