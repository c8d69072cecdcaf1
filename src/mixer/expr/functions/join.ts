import type { EvalFailure } from '../plan.js'
import { concat } from '../text/bytes.js'
import { invalid } from './invalid.js'

/** The longest string that `+` makes, in UTF-16 units: a bound on memory that no useful expression meets. */
const maxJoinedLength = 16 * 1024 * 1024

/** `a + b` of strings; fails when the sum is too long. */
export function join(a: string, b: string): string | EvalFailure {
  const length = a.length + b.length
  if (length <= maxJoinedLength) return concat(a, b)
  return invalid(`the sum of strings has ${length} characters; the limit is ${maxJoinedLength}`)
}
