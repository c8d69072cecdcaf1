/**
 * The same text in one piece. A text that was put together keeps its pieces alive, which made an entry weigh three times
 * as much (src/bench/cache); reading a character makes V8 join them.
 */
export function flat(text: string): string {
  return text.charCodeAt(0) >= 0 ? text : ''
}
