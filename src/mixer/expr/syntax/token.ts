/**
 * What the scanner finds. Source: reference expressions, section 2: Go's scanner.
 *
 * `newline` is the semicolon that Go inserts at the end of a line (or of the text) after an operand.
 */
export type TokenKind =
  | 'name'
  | 'keyword'
  | 'int'
  | 'float'
  | 'imaginary'
  | 'string'
  | 'rune'
  | 'operator'
  | 'newline'
  | 'end'

export interface Token {
  readonly kind: TokenKind
  /** As written; carriage returns are taken out of raw strings. */
  readonly text: string
  /** Offsets into the expression, in UTF-16 units. */
  readonly start: number
  readonly end: number
}

/** A token in a few words, for messages. */
export function describe(token: Token): string {
  switch (token.kind) {
    case 'name':
      return `name "${shorten(token.text)}"`
    case 'keyword':
      return `the reserved word "${token.text}"`
    case 'int':
    case 'float':
    case 'imaginary':
      return `number ${shorten(token.text)}`
    case 'string':
    case 'rune':
      return `string ${shorten(token.text)}`
    case 'operator':
      return `"${token.text}"`
    case 'newline':
      return 'end of line'
    case 'end':
      return 'end of text'
  }
}

const shownLength = 40

function shorten(text: string): string {
  return text.length <= shownLength ? text : `${text.slice(0, shownLength)}…`
}
