import { textOfBytes } from '../text/bytes.js'
import { hexValue } from './characters.js'
import type { Refuse } from './refuse.js'

const simpleEscapes = new Map<string, number>([
  ['a', 7],
  ['b', 8],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['v', 11],
  ['\\', 92],
])

/** What one escape stands for: a byte (`\x41`, `\101`) or a character (all others). */
interface Escape {
  readonly byte: boolean
  readonly value: number
  readonly end: number
}

/** Scans `"…"` or `'…'`, checks it, and answers where it ends. A rune holds exactly one character. */
export function scanQuoted(text: string, start: number, refuse: Refuse): number {
  const quote = text.charAt(start)
  const what = quote === '"' ? 'string' : 'rune'
  let at = start + 1
  let characters = 0
  for (;;) {
    const character = text.charAt(at)
    if (character === '' || character === '\n') throw refuse(`${what} literal not terminated`, start, at)
    if (character === quote) break
    characters++
    if (character === '\\') at = scanEscape(text, at, quote, refuse).end
    else at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1
  }
  if (quote === "'" && characters !== 1)
    throw refuse(`illegal rune literal: ${characters} characters, not one`, start, at + 1)
  return at + 1
}

/** Scans a raw string and answers where it ends. */
export function scanRaw(text: string, start: number, refuse: Refuse): number {
  const close = text.indexOf('`', start + 1)
  if (close < 0) throw refuse('raw string literal not terminated', start, text.length)
  return close + 1
}

/** The content of a literal that the scanner has passed. */
export function unquote(literal: string, refuse: Refuse): string {
  const quote = literal.charAt(0)
  const body = literal.slice(1, -1)
  if (quote === '`') return body.replaceAll('\r', '')
  if (!body.includes('\\')) return body
  const parts: string[] = []
  let bytes: number[] = []
  let at = 1
  while (at < literal.length - 1) {
    const backslash = literal.indexOf('\\', at)
    const plainEnd = backslash < 0 ? literal.length - 1 : backslash
    if (plainEnd > at) {
      parts.push(textOfBytes(bytes), literal.slice(at, plainEnd))
      bytes = []
      at = plainEnd
    }
    if (backslash < 0) break
    const found = scanEscape(literal, at, quote, refuse)
    if (found.byte) bytes.push(found.value)
    else {
      parts.push(textOfBytes(bytes), String.fromCodePoint(found.value))
      bytes = []
    }
    at = found.end
  }
  parts.push(textOfBytes(bytes))
  return parts.join('')
}

/** One escape, at its backslash. */
function scanEscape(text: string, start: number, quote: string, refuse: Refuse): Escape {
  const letter = text.charAt(start + 1)
  if (letter === quote) return { byte: false, value: letter.charCodeAt(0), end: start + 2 }
  const simple = simpleEscapes.get(letter)
  if (simple !== undefined) return { byte: false, value: simple, end: start + 2 }
  const octal = letter >= '0' && letter <= '7'
  const length = octal ? 3 : letter === 'x' ? 2 : letter === 'u' ? 4 : letter === 'U' ? 8 : 0
  if (length === 0) throw refuse('unknown escape sequence', start, start + 2)
  const first = octal ? start + 1 : start + 2
  const base = octal ? 8 : 16
  let value = 0
  for (let at = first; at < first + length; at++) {
    const digit = hexValue(text.charCodeAt(at))
    if (digit >= base) throw refuse('illegal character in escape sequence', start, at + 1)
    value = value * base + digit
  }
  const end = first + length
  const byte = octal || letter === 'x'
  const fits = byte ? value <= 0xff : value <= 0x10ffff && !(value >= 0xd800 && value <= 0xdfff)
  if (!fits) throw refuse('escape sequence is invalid Unicode code point', start, end)
  return { byte, value, end }
}
