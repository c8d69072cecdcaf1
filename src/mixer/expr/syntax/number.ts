import { hexValue, isDecimal } from './characters.js'
import type { Refuse } from './refuse.js'

/** A number of Go: where it ends and whether it is whole, a float or imaginary. Values are read elsewhere. */
export interface ScannedNumber {
  readonly kind: 'int' | 'float' | 'imaginary'
  readonly end: number
}

/**
 * Scans a number by Go's rules (Go 1.13: with prefixes, underscores and hexadecimal floats). `start` is at a digit, or
 * at a point before a digit.
 */
export function scanNumber(text: string, start: number, refuse: Refuse): ScannedNumber {
  let at = start
  let base = 10
  let prefix = ''
  let kind: ScannedNumber['kind'] = 'int'
  let digits = 0
  let badDigit = -1

  const takeDigits = (): void => {
    for (;;) {
      const code = text.charCodeAt(at)
      const value = code === 0x5f ? 0 : hexValue(code)
      if (value >= (base === 16 ? 16 : 10)) return
      if (code !== 0x5f) {
        digits++
        if (value >= base && badDigit < 0) badDigit = at
      }
      at++
    }
  }

  if (text.charCodeAt(at) !== 0x2e) {
    if (text.charCodeAt(at) === 0x30) {
      const letter = text.charAt(at + 1).toLowerCase()
      if (letter === 'x' || letter === 'b' || letter === 'o') {
        prefix = letter
        base = letter === 'x' ? 16 : letter === 'b' ? 2 : 8
        at += 2
      } else {
        prefix = '0'
        base = 8
      }
    }
    takeDigits()
  }
  if (text.charCodeAt(at) === 0x2e) {
    kind = 'float'
    if (prefix === 'o' || prefix === 'b') throw refuse('invalid radix point in number', at, at + 1)
    at++
    takeDigits()
  }
  if (digits === 0) throw refuse('number has no digits', start, at)
  const exponent = text.charAt(at).toLowerCase()
  if ((exponent === 'e' && base !== 16) || exponent === 'p') {
    const fits = exponent === 'p' ? prefix === 'x' : prefix === '' || prefix === '0'
    if (!fits) throw refuse(`'${exponent}' exponent does not fit this number`, at, at + 1)
    kind = 'float'
    at++
    if (text.charAt(at) === '+' || text.charAt(at) === '-') at++
    const first = at
    while (isDecimal(text.charCodeAt(at)) || text.charCodeAt(at) === 0x5f) at++
    if (!/[0-9]/.test(text.slice(first, at))) throw refuse('exponent has no digits', start, at)
  } else if (prefix === 'x' && kind === 'float') {
    throw refuse('hexadecimal number with a fraction needs a p exponent', start, at)
  }
  if (text.charAt(at) === 'i') return { kind: 'imaginary', end: at + 1 }
  if (kind === 'int' && badDigit >= 0)
    throw refuse(
      `illegal digit '${text.charAt(badDigit)}' in a number that starts with 0`,
      badDigit,
      badDigit + 1,
    )
  if (!underscoresFit(text.slice(start, at))) throw refuse("'_' must separate successive digits", start, at)
  return { kind, end: at }
}

/** Underscores stand between digits, or between a prefix and a digit. */
function underscoresFit(number: string): boolean {
  if (!number.includes('_')) return true
  const body = number.replace(/^0[xbo]/i, '0')
  const digit = /^0x/i.test(number) ? '[0-9a-fA-F]' : '[0-9]'
  return !new RegExp(`(^|[^0-9a-fA-F])_|_(?!${digit})`).test(body)
}
