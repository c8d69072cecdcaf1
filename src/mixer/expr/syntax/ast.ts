import type { Int64, ValueType } from '../../attributes/index.js'
import { maxPrintedLength, shortened } from '../limits.js'

/** The part of the text that a node was read from, in UTF-16 units. */
interface Span {
  readonly start: number
  readonly end: number
}

/** A literal. Its type is one of STRING, INT64, DOUBLE, BOOL and DURATION (nanoseconds). */
export interface Constant extends Span {
  readonly kind: 'constant'
  readonly type: ValueType
  readonly value: string | Int64 | boolean
  /** As written. */
  readonly text: string
}

/** An attribute. */
export interface Name extends Span {
  readonly kind: 'name'
  readonly name: string
}

/**
 * An operator, an index, a function or a method. A left-associative chain of `&&`, `||`, `|` or `+` is one call with
 * all its operands (`isChain`), so that long chains do not nest.
 */
export interface Call extends Span {
  readonly kind: 'call'
  /** `EQ`, `OR`, `INDEX`, `match`, … Empty for operators that have no name. */
  readonly name: string
  /** The receiver of a method. */
  readonly target: Ast | undefined
  readonly args: readonly Ast[]
  readonly isChain: boolean
  /** Where the operator's or function's name stands. */
  readonly nameStart: number
  readonly nameEnd: number
}

export type Ast = Constant | Name | Call

/** An expression in upstream's functional form, `EQ($q.s, 1)`; cut when it is long. */
export function printAst(ast: Ast): string {
  const pieces: string[] = []
  let length = 0
  const write = (piece: string): void => {
    if (length <= maxPrintedLength) pieces.push(piece)
    length += piece.length
  }
  const visit = (node: Ast): void => {
    if (length > maxPrintedLength) return
    switch (node.kind) {
      case 'constant':
        write(node.text)
        break
      case 'name':
        write(`$${node.name}`)
        break
      case 'call':
        visitCall(node)
        break
    }
  }
  const visitCall = ({ name, target, args, isChain }: Call): void => {
    if (target !== undefined) {
      visit(target)
      write(':')
    }
    if (isChain && args.length > 2) write(`${name}(`.repeat(Math.min(args.length - 2, maxPrintedLength)))
    write(`${name}(`)
    args.forEach((arg, index) => {
      if (index > 0) write(', ')
      visit(arg)
      if (isChain && index > 0 && index < args.length - 1) write(')')
    })
    write(')')
  }
  visit(ast)
  return shortened(pieces.join(''))
}
