import { isStrayByte } from './bytes.js'

/**
 * Lower case, one character at a time as Go does it: no character becomes several, and a sigma at the end of a word is
 * like any other. A stray byte becomes U+FFFD.
 */
export function lower(text: string): string {
  // Only ASCII: JavaScript's own is the same and far quicker.
  if (/^[\0-\x7f]*$/.test(text)) return text.toLowerCase()
  let lowered = ''
  for (const character of text) lowered += lowerOne(character)
  return lowered
}

function lowerOne(character: string): string {
  if (character === '\u0130') return 'i'
  return isStrayByte(character) ? '\ufffd' : character.toLowerCase()
}
