/**
 * Whether some bytes are those from `start` to `end` of others. In JavaScript, because for the few bytes of an answer the call
 * into native code costs more than the comparison.
 */
export function isSame(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (known.length !== end - start) return false
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[start + i]) return false
  return true
}
