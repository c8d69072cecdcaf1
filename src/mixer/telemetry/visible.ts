/** What a terminal obeys, or a reader takes for the end of a line, instead of showing it: controls, separators, marks of direction. */
const invisible = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu

/**
 * A text of somebody else's as one line that cannot do anything to a terminal: what is not for showing is written as JSON would.
 * @example t.equal(visible('a\u001b[31m\n'), 'a\\u001b[31m\\u000a')
 */
export function visible(text: string): string {
  return text.replace(invisible, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
