import { endsWithBytes, startsWithBytes } from '../text/bytes.js'

/**
 * `match(subject, pattern)`: a `*` at the end of the pattern first, else one at its start, else equality. Any other `*`
 * is a character like all others.
 */
export function glob(subject: string, pattern: string): boolean {
  if (pattern.endsWith('*')) return startsWithBytes(subject, pattern.slice(0, -1))
  if (pattern.startsWith('*')) return endsWithBytes(subject, pattern.slice(1))
  return subject === pattern
}
