import { ExprError, type ExprLocation, position } from '../error.js'
import { shortened } from '../limits.js'

/** Refuses a text at a place. */
export type Refuse = (detail: string, start: number, end: number) => ExprError

/** An EXPR_SYNTAX error in upstream's words: `unable to parse expression '…': line:column: detail`. */
export function syntaxError(text: string, location: ExprLocation | undefined): Refuse {
  return (detail, start, end) => {
    const { line, column } = position(text, start)
    const message = `unable to parse expression '${shortened(text)}': ${line}:${column}: ${detail}`
    return new ExprError({ code: 'EXPR_SYNTAX', message, text, start, end, location })
  }
}
