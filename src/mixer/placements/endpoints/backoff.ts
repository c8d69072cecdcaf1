/** How long to wait before attempt `n`. */
export interface BackoffOptions {
  /** Milliseconds before the second attempt. Default: 50. */
  readonly firstMs: number
  /** Longest wait, milliseconds. Default: 5,000. */
  readonly maxMs: number
}

export const defaultBackoff: BackoffOptions = { firstMs: 50, maxMs: 5_000 }

/**
 * Doubles from attempt to attempt up to the longest wait; the second half of each wait is left to chance, so that hosts
 * that lost the same adapter do not come back in step.
 * @param attempt how many attempts have failed, from 1
 * @param random a number from 0 up to, not including, 1
 */
export function backoffMs(options: BackoffOptions, attempt: number, random: () => number): number {
  const full = Math.min(options.maxMs, options.firstMs * 2 ** Math.min(attempt - 1, 30))
  return full / 2 + (full / 2) * random()
}
