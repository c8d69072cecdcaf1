/**
 * `match(subject, pattern)`: a `*` at the end of the pattern first, else one at its start, else equality. Any other `*`
 * is a character like all others.
 */
export function glob(subject: string, pattern: string): boolean {
  if (pattern.endsWith('*')) return subject.startsWith(pattern.slice(0, -1))
  if (pattern.startsWith('*')) return subject.endsWith(pattern.slice(1))
  return subject === pattern
}
