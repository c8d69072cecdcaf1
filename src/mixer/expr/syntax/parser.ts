import { ExprError, type ExprLocation } from '../error.js'
import { maxDepth, maxTextLength } from '../limits.js'
import type { Ast, Call } from './ast.js'
import { Lexer } from './lexer.js'
import { constant } from './literal.js'
import { chainable, operatorName, precedence, unaryName } from './operators.js'
import { nameOf, type Primary } from './primary.js'
import { type Refuse, syntaxError } from './refuse.js'
import { describe, type Token } from './token.js'

interface Parsed {
  readonly ast: Ast
  readonly depth: number
}

/** Parses an expression by Go's grammar and refuses what the language does not have. Throws {@link ExprError}. */
export function parse(text: string, location?: ExprLocation): Ast {
  if (text.length > maxTextLength) {
    const message = `the expression has ${text.length} characters; the limit is ${maxTextLength}`
    const start = maxTextLength
    throw new ExprError({ code: 'EXPR_LIMIT', message, text, start, end: start, location })
  }
  return new Parser(text, location).whole()
}

class Parser {
  readonly #refuse: Refuse
  readonly #lexer: Lexer
  #token: Token
  /** Parentheses, calls and indexes that are open: bounds the recursion of the parser itself. */
  #open = 0

  constructor(
    readonly text: string,
    readonly location: ExprLocation | undefined,
  ) {
    this.#refuse = syntaxError(text, location)
    this.#lexer = new Lexer(text, this.#refuse)
    this.#token = this.#lexer.next()
  }

  whole(): Ast {
    const { ast } = this.#binary(1)
    if (this.#token.kind === 'newline') this.#advance()
    if (this.#token.kind !== 'end') throw this.#expected('the end of the expression')
    return ast
  }

  #advance(): Token {
    const token = this.#token
    this.#token = this.#lexer.next()
    return token
  }

  #isOperator(text: string): boolean {
    return this.#token.kind === 'operator' && this.#token.text === text
  }

  #expected(wanted: string): ExprError {
    const { start, end } = this.#token
    return this.#refuse(`expected ${wanted}, found ${describe(this.#token)}`, start, end)
  }

  #unsupported(what: string, start: number, end: number): ExprError {
    const message = `unexpected expression: ${what}`
    return new ExprError({
      code: 'EXPR_UNSUPPORTED',
      message,
      text: this.text,
      start,
      end,
      location: this.location,
    })
  }

  #deeper(depth: number, at: Token): number {
    if (depth < maxDepth) return depth + 1
    const message = `the expression nests more than ${maxDepth} levels`
    const { text, location } = this
    throw new ExprError({ code: 'EXPR_LIMIT', message, text, start: at.start, end: at.end, location })
  }

  #binary(lowest: number): Parsed {
    let left = this.#unary()
    for (;;) {
      const level = this.#token.kind === 'operator' ? precedence(this.#token.text) : 0
      if (level < lowest) return left
      left = this.#operation(left, this.#advance(), level)
    }
  }

  /** One operation, and all that follow with the same chainable operator. */
  #operation(left: Parsed, operator: Token, level: number): Parsed {
    const args = [left.ast]
    let depth = left.depth
    for (;;) {
      const right = this.#binary(level + 1)
      args.push(right.ast)
      depth = Math.max(depth, right.depth)
      if (!chainable.has(operator.text) || !this.#isOperator(operator.text)) break
      this.#advance()
    }
    const ast: Call = {
      kind: 'call',
      name: operatorName(operator.text),
      target: undefined,
      args,
      isChain: chainable.has(operator.text),
      nameStart: operator.start,
      nameEnd: operator.end,
      start: left.ast.start,
      end: args.at(-1)?.end ?? operator.end,
    }
    return { ast, depth: this.#deeper(depth, operator) }
  }

  #unary(): Parsed {
    const operator = this.#token
    const name = operator.kind === 'operator' ? unaryName(operator.text) : undefined
    if (name === undefined) {
      if (this.#isOperator('*')) throw this.#unsupported('a pointer (*)', operator.start, operator.end)
      return this.#primary()
    }
    this.#advance()
    this.#open = this.#deeper(this.#open, operator)
    const operand = this.#unary()
    this.#open--
    const ast: Call = {
      kind: 'call',
      name,
      target: undefined,
      args: [operand.ast],
      isChain: false,
      nameStart: operator.start,
      nameEnd: operator.end,
      start: operator.start,
      end: operand.ast.end,
    }
    return { ast, depth: this.#deeper(operand.depth, operator) }
  }

  #primary(): Parsed {
    let primary = this.#operand()
    for (;;) {
      if (this.#isOperator('.')) primary = this.#selector(primary)
      else if (this.#isOperator('(')) primary = this.#call(primary)
      else if (this.#isOperator('[')) primary = this.#index(primary)
      else if (this.#isOperator('{'))
        throw this.#unsupported('a composite literal', this.#token.start, this.#token.end)
      else break
    }
    return this.#value(primary)
  }

  /** A primary that is used as a value. */
  #value(primary: Primary): Primary {
    if (primary.shape !== 'fieldOfOther') return primary
    throw this.#unsupported('a field of something that is no name', primary.ast.start, primary.ast.end)
  }

  #operand(): Primary {
    const token = this.#token
    switch (token.kind) {
      case 'name': {
        this.#advance()
        return { shape: 'ident', ast: nameOf([token]), depth: 0, parts: [token] }
      }
      case 'int':
      case 'float':
      case 'imaginary':
      case 'string':
      case 'rune': {
        this.#advance()
        const ast = constant(token, { text: this.text, location: this.location })
        return { shape: 'literal', ast, depth: 0, parts: [] }
      }
      case 'operator': {
        if (token.text === '[') throw this.#unsupported('an array or slice type', token.start, token.end)
        if (token.text !== '(') throw this.#expected('an operand')
        this.#advance()
        this.#open = this.#deeper(this.#open, token)
        const inner = this.#binary(1)
        this.#open--
        if (!this.#isOperator(')')) throw this.#expected('")"')
        const close = this.#advance()
        const ast = { ...inner.ast, start: token.start, end: close.end }
        return { shape: 'paren', ast, depth: this.#deeper(inner.depth, token), parts: [] }
      }
      case 'keyword':
        if (['func', 'map', 'chan', 'struct', 'interface'].includes(token.text))
          throw this.#unsupported(`a Go type or function (${token.text})`, token.start, token.end)
        throw this.#expected('an operand')
      case 'newline':
      case 'end':
        throw this.#expected('an operand')
    }
  }

  #selector(left: Primary): Primary {
    this.#advance()
    const field = this.#token
    if (this.#isOperator('(')) throw this.#unsupported('a type assertion', field.start, field.end)
    if (field.kind !== 'name') throw this.#expected('a name after "."')
    this.#advance()
    const parts = [...(left.shape === 'ident' || left.shape === 'selector' ? left.parts : []), field]
    this.#deeper(parts.length, field)
    if (parts.length > 1) return { shape: 'selector', ast: nameOf(parts), depth: 0, parts }
    const receiver = this.#value(left)
    const ast = { ...receiver.ast, end: field.end }
    return { shape: 'fieldOfOther', ast, depth: left.depth, parts, receiver }
  }

  #call(callee: Primary): Primary {
    const open = this.#token
    const fn = callee.parts.at(-1)
    const target = this.#receiver(callee)
    if (fn === undefined)
      throw this.#unsupported('a call of something that is no name', callee.ast.start, open.end)
    this.#advance()
    this.#open = this.#deeper(this.#open, open)
    const args: Ast[] = []
    let depth = callee.depth
    while (!this.#isOperator(')')) {
      const arg = this.#binary(1)
      args.push(arg.ast)
      depth = Math.max(depth, arg.depth)
      if (this.#isOperator(')')) break
      if (!this.#isOperator(',')) throw this.#expected('"," or ")"')
      this.#advance()
    }
    this.#open--
    const close = this.#advance()
    const ast: Call = {
      kind: 'call',
      name: fn.text,
      target,
      args,
      isChain: false,
      nameStart: fn.start,
      nameEnd: fn.end,
      start: callee.ast.start,
      end: close.end,
    }
    return { shape: 'call', ast, depth: this.#deeper(depth, open), parts: [] }
  }

  /** The receiver of a method call, or undefined for a plain function. */
  #receiver(callee: Primary): Ast | undefined {
    const { shape, receiver, parts, ast } = callee
    if (shape === 'ident') return undefined
    if (shape === 'selector') return nameOf(parts.slice(0, -1))
    if (shape === 'fieldOfOther' && receiver !== undefined) {
      if (receiver.shape !== 'index') return receiver.ast
      throw this.#unsupported('a method of an index; put the index in parentheses', ast.start, ast.end)
    }
    throw this.#unsupported('a call of something that is no name', ast.start, ast.end)
  }

  #index(left: Primary): Primary {
    const map = this.#value(left)
    const open = this.#advance()
    this.#open = this.#deeper(this.#open, open)
    if (this.#isOperator(':')) throw this.#unsupported('a slice', map.ast.start, this.#token.end)
    const key = this.#binary(1)
    this.#open--
    if (this.#isOperator(':')) throw this.#unsupported('a slice', map.ast.start, this.#token.end)
    if (!this.#isOperator(']')) throw this.#expected('"]"')
    const close = this.#advance()
    const ast: Call = {
      kind: 'call',
      name: 'INDEX',
      target: undefined,
      args: [map.ast, key.ast],
      isChain: false,
      nameStart: open.start,
      nameEnd: close.end,
      start: map.ast.start,
      end: close.end,
    }
    return { shape: 'index', ast, depth: this.#deeper(Math.max(map.depth, key.depth), open), parts: [] }
  }
}
