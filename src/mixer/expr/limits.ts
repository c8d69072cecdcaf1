/** The longest expression, in UTF-16 units. Longer texts are refused with `EXPR_LIMIT`. */
export const maxTextLength = 64 * 1024

/**
 * How deep operators, calls, indexes and parentheses may nest. A chain of one operator (`a || b || c`) counts as one
 * level however long it is. Deeper texts are refused with `EXPR_LIMIT`.
 */
export const maxDepth = 200

/** The longest printed form of an expression within an error message, in characters; the rest is cut. */
export const maxPrintedLength = 400

/** An expression's text for a message: cut when it is long. */
export function shortened(text: string): string {
  return text.length <= maxPrintedLength ? text : `${text.slice(0, maxPrintedLength)}…`
}
