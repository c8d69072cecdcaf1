import {
  endingKeywords,
  endingOperators,
  isDecimal,
  isDigit,
  isLetter,
  keywords,
  operatorAt,
} from './characters.js'
import { scanNumber } from './number.js'
import { scanQuoted, scanRaw } from './quoted.js'
import type { Refuse } from './refuse.js'
import type { Token, TokenKind } from './token.js'

/**
 * Splits a text into tokens by Go's rules, one at a time. A newline after an operand is a token of its own.
 * Everything takes time in proportion to the text.
 */
export class Lexer {
  #at = 0
  #operandBefore = false

  /** Refuses characters that Go's scanner refuses everywhere, in comments and strings too. */
  constructor(
    readonly text: string,
    readonly refuse: Refuse,
  ) {
    if (text.charCodeAt(0) === 0xfeff) this.#at = 1
    const bad = /\0|\ufeff|\p{Cs}/u.exec(this.#at === 0 ? text : ` ${text.slice(1)}`)
    if (bad === null) return
    const found = bad[0]
    const what =
      found === '\0'
        ? 'illegal character NUL'
        : found === '\ufeff'
          ? 'illegal byte order mark'
          : 'illegal UTF-8 encoding'
    throw refuse(what, bad.index, bad.index + 1)
  }

  next(): Token {
    const lineEnd = this.#skipBlanks()
    if (lineEnd !== undefined) {
      this.#operandBefore = false
      return lineEnd
    }
    const start = this.#at
    const code = this.text.codePointAt(start) ?? -1
    if (code === -1) return { kind: 'end', text: '', start, end: start }
    if (isLetter(code)) return this.#name(start)
    const isNumber = isDecimal(code) || (code === 0x2e && isDecimal(this.text.charCodeAt(start + 1)))
    if (isNumber) {
      const { kind, end } = scanNumber(this.text, start, this.refuse)
      return this.#token(kind, start, end, 'operand')
    }
    if (code === 0x22)
      return this.#token('string', start, scanQuoted(this.text, start, this.refuse), 'operand')
    if (code === 0x27) return this.#token('rune', start, scanQuoted(this.text, start, this.refuse), 'operand')
    if (code === 0x60) return this.#token('string', start, scanRaw(this.text, start, this.refuse), 'operand')
    const operator = operatorAt(this.text, start)
    if (operator !== undefined) {
      const role = endingOperators.has(operator) ? 'operand' : 'operator'
      return this.#token('operator', start, start + operator.length, role)
    }
    const character = String.fromCodePoint(code)
    const shown = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
    throw this.refuse(`illegal character ${shown} '${character}'`, start, start + character.length)
  }

  #name(start: number): Token {
    let end = start
    for (;;) {
      const code = this.text.codePointAt(end) ?? -1
      if (code === -1 || !(isLetter(code) || isDigit(code))) break
      end += code > 0xffff ? 2 : 1
    }
    const word = this.text.slice(start, end)
    if (!keywords.has(word)) return this.#token('name', start, end, 'operand')
    return this.#token('keyword', start, end, endingKeywords.has(word) ? 'operand' : 'operator')
  }

  #token(kind: TokenKind, start: number, end: number, role: 'operand' | 'operator'): Token {
    this.#at = end
    this.#operandBefore = role === 'operand'
    return { kind, text: this.text.slice(start, end), start, end }
  }

  /** Skips blanks and comments; answers the end of the line when it ends an operand. */
  #skipBlanks(): Token | undefined {
    for (;;) {
      const start = this.#at
      const code = this.text.charCodeAt(start)
      if (code === 0x20 || code === 0x09 || code === 0x0d) this.#at++
      else if (code === 0x0a || Number.isNaN(code)) {
        if (this.#operandBefore) return { kind: 'newline', text: '\n', start, end: start }
        if (Number.isNaN(code)) return undefined
        this.#at++
      } else if (code === 0x2f && this.text.charCodeAt(start + 1) === 0x2f) {
        const newline = this.text.indexOf('\n', start)
        this.#at = newline < 0 ? this.text.length : newline
      } else if (code === 0x2f && this.text.charCodeAt(start + 1) === 0x2a) {
        const close = this.text.indexOf('*/', start + 2)
        if (close < 0) throw this.refuse('comment not terminated', start, this.text.length)
        this.#at = close + 2
        if (this.#operandBefore && this.text.slice(start, close).includes('\n'))
          return { kind: 'newline', text: '\n', start, end: start }
      } else return undefined
    }
  }
}
