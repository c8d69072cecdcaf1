import type { Ast } from './ast.js'
import type { Token } from './token.js'

/**
 * What a primary expression is to Go. Only some kinds may be called or have a method called on them (reference
 * expressions, section 3).
 */
export type Shape = 'ident' | 'selector' | 'fieldOfOther' | 'literal' | 'call' | 'paren' | 'index' | 'unary'

export interface Primary {
  readonly shape: Shape
  readonly ast: Ast
  readonly depth: number
  /** The parts of a dotted name; empty for other shapes. */
  readonly parts: readonly Token[]
  /** For `fieldOfOther`, the expression left of the dot; the field is `parts[0]`. */
  readonly receiver?: Primary
}

/** A dotted name, or `true` and `false` in any letter case. */
export function nameOf(parts: readonly Token[]): Ast {
  const [first, ...rest] = parts
  const start = first?.start ?? 0
  const end = parts.at(-1)?.end ?? start
  const word = first?.text ?? ''
  const lower = word.toLowerCase()
  if (rest.length === 0 && (lower === 'true' || lower === 'false'))
    return { kind: 'constant', type: 'BOOL', value: lower === 'true', text: word, start, end }
  return { kind: 'name', name: parts.map(part => part.text).join('.'), start, end }
}
