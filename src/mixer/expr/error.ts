/**
 * What is wrong with an expression's text. The code is stable.
 * - `EXPR_SYNTAX`: the text is not an expression
 * - `EXPR_LITERAL`: a number or string is written badly or does not fit
 * - `EXPR_UNSUPPORTED`: an expression of Go that this language does not have
 * - `EXPR_UNKNOWN_ATTRIBUTE`, `EXPR_UNKNOWN_FUNCTION`: a name that is not declared
 * - `EXPR_CALL_FORM`: a method called as a function, or a function as a method
 * - `EXPR_ARITY`: too few or too many arguments
 * - `EXPR_TYPE`: an operand's or argument's type does not fit
 * - `EXPR_RESULT_TYPE`: the type of the whole is not the one that its place needs
 * - `EXPR_NOT_IMPLEMENTED`: the operator does not exist for this type
 * - `EXPR_LIMIT`: the text is too long or nested too deeply
 */
export const exprErrorCodes = [
  'EXPR_SYNTAX',
  'EXPR_LITERAL',
  'EXPR_UNSUPPORTED',
  'EXPR_UNKNOWN_ATTRIBUTE',
  'EXPR_UNKNOWN_FUNCTION',
  'EXPR_CALL_FORM',
  'EXPR_ARITY',
  'EXPR_TYPE',
  'EXPR_RESULT_TYPE',
  'EXPR_NOT_IMPLEMENTED',
  'EXPR_LIMIT',
] as const

/** One of {@link exprErrorCodes}. */
export type ExprErrorCode = (typeof exprErrorCodes)[number]

/** Where an expression comes from: printed in front of the place within it. */
export interface ExprLocation {
  /** A file's name, or what stands for it. */
  readonly file?: string | undefined
  /** The line of the document on which the expression begins, from 1. */
  readonly line?: number | undefined
  /** The path of the field, for example `spec.match`. */
  readonly path?: string | undefined
}

export interface ExprErrorFacts {
  readonly code: ExprErrorCode
  readonly message: string
  /** The whole expression. */
  readonly text: string
  /** The offending part, in UTF-16 units of the text: from `start` up to, not including, `end`. */
  readonly start: number
  readonly end: number
  /** What was found and what was wanted, in a few words each. */
  readonly found?: string | undefined
  readonly wanted?: string | undefined
  /** The nearest name that is known. */
  readonly nearest?: string | undefined
  readonly location?: ExprLocation | undefined
}

/** The longest part of a line that {@link ExprError.detail} shows, in characters. */
const shownCharacters = 160

/**
 * An expression cannot be compiled. `message` begins as upstream's does (reference expressions, section 9); `detail()`
 * points at the place.
 */
export class ExprError extends Error {
  override readonly name = 'ExprError'
  readonly code: ExprErrorCode
  readonly text: string
  readonly start: number
  readonly end: number
  /** From 1. Lines end at a newline; columns count characters (code points). */
  readonly line: number
  readonly column: number
  readonly found: string | undefined
  readonly wanted: string | undefined
  readonly nearest: string | undefined
  readonly location: ExprLocation | undefined

  constructor(facts: ExprErrorFacts) {
    const nearest = facts.nearest === undefined ? '' : `; did you mean "${facts.nearest}"?`
    super(`${facts.message}${nearest}`)
    const { line, column } = position(facts.text, facts.start)
    this.code = facts.code
    this.text = facts.text
    this.start = facts.start
    this.end = facts.end
    this.line = line
    this.column = column
    this.found = facts.found
    this.wanted = facts.wanted
    this.nearest = facts.nearest
    this.location = facts.location
  }

  /** Several lines: the message, the line of the expression, and a caret under the place. */
  detail(): string {
    const lineStart = this.text.lastIndexOf('\n', this.start - 1) + 1
    const newline = this.text.indexOf('\n', lineStart)
    const lineEnd = newline < 0 ? this.text.length : newline
    const before = [...this.text.slice(lineStart, this.start)]
    const cut = Math.max(0, before.length - shownCharacters / 2)
    const after = [...this.text.slice(this.start, lineEnd)]
    const marked = [...this.text.slice(this.start, Math.min(this.end, lineEnd))].length
    const shown = `${cut > 0 ? '…' : ''}${before.slice(cut).join('')}${after.slice(0, shownCharacters / 2).join('')}`
    const indent = (cut > 0 ? 1 : 0) + before.length - cut
    const carets = '^'.repeat(Math.max(1, Math.min(marked, shownCharacters / 2)))
    const { file, line, path } = this.location ?? {}
    const place = [
      ...(file === undefined ? [] : [line === undefined ? file : `${file}:${line}`]),
      ...(path === undefined ? [] : [path]),
      `line ${this.line}, column ${this.column}`,
    ].join(', ')
    return [
      `${this.code}: ${this.message}`,
      `  at ${place}`,
      `    ${shown.replaceAll('\t', ' ').replaceAll('\r', ' ')}`,
      `    ${' '.repeat(indent)}${carets}`,
      ...(this.found === undefined ? [] : [`  found:  ${this.found}`]),
      ...(this.wanted === undefined ? [] : [`  wanted: ${this.wanted}`]),
    ].join('\n')
  }
}

/** The line and column, from 1, of an offset; columns in code points. */
export function position(text: string, offset: number): { readonly line: number; readonly column: number } {
  let line = 1
  let lineStart = 0
  for (let i = text.indexOf('\n'); i >= 0 && i < offset; i = text.indexOf('\n', i + 1)) {
    line++
    lineStart = i + 1
  }
  return { line, column: [...text.slice(lineStart, offset)].length + 1 }
}
