/**
 * UTF-8 to a string; bytes that are no UTF-8 become U+FFFD.
 *
 * The result never refers to a larger string, so that keeping a word does not keep the message that it came in. (Cutting
 * words out of one decoded text costs a third, but the engine keeps cuts of 13 and more characters as references to
 * the whole, and an adapter that remembers words would then remember messages.)
 */
export function decodeText(bytes: Buffer, start: number, end: number): string {
  return start === end ? '' : bytes.toString('utf8', start, end)
}
