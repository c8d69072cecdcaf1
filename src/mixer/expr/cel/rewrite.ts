import type { ASTNode, BinaryOperator } from '@marcbachmann/cel-js'
import type { Slot, Vocabulary } from '../../attributes/index.js'
import { nearest } from '../check/nearest.js'
import { ExprError, type ExprErrorCode, type ExprErrorFacts, type ExprLocation } from '../error.js'
import { innerFunctions, maxRewrittenLength } from './environment.js'
import { isMacro, MacroCount } from './macros.js'
import { isMapNode, meaningOf, nameParts } from './names.js'
import { CelWriter } from './writer.js'

type Infix = Extract<ASTNode, { readonly op: '&&' | '||' | BinaryOperator }>

/** Names that stand for types. */
const typeNames: ReadonlySet<string> = new Set([
  'bool',
  'bytes',
  'double',
  'int',
  'list',
  'map',
  'null_type',
  'string',
  'type',
  'uint',
])

/**
 * Rewrites a CEL expression for the library: every attribute becomes a variable of its own (`a12`), a test for presence
 * another (`p12`), keys of string maps become calls that record them, and the macros `conditional` and `pick` become
 * what they stand for. So references are exact, and no name of an author's can meet one of ours.
 */
export class Rewriter {
  readonly writer = new CelWriter()
  /** The attributes that the expression names. */
  readonly slots = new Set<Slot>()
  readonly #macros = new MacroCount()

  constructor(
    readonly text: string,
    readonly vocabulary: Vocabulary,
    readonly location: ExprLocation | undefined,
  ) {}

  /** Writes an expression; `bound` holds the variables of the macros around it. */
  node(node: ASTNode, bound: ReadonlySet<string>): CelWriter {
    const { writer } = this
    writer.from(node.start, node.end)
    if (writer.length > maxRewrittenLength)
      throw this.#error('EXPR_LIMIT', 'the expression nests too many alternatives of pick or |', node)
    switch (node.op) {
      case 'value':
        return writer.write(this.text.slice(node.start, node.end))
      case 'id':
      case '.':
        return this.#select(node, bound)
      case '[]':
        return this.#index(node.args[0], node.args[1], bound)
      case 'call':
        return this.#call(node, node.args[0], node.args[1], bound)
      case 'rcall':
        return this.#method(node, node.args[0], node.args[1], node.args[2], bound)
      case 'list':
        return this.#sequence('[', node.args, ']', bound)
      case 'map':
        writer.write('{')
        node.args.forEach(([key, value], index) => {
          if (index > 0) writer.write(', ')
          this.#sequence('', [key], ': ', bound)
          this.node(value, bound)
        })
        return writer.write('}')
      case '?:':
        return this.#ternary(node.args[0], node.args[1], node.args[2], bound)
      case '!_':
      case '-_':
        writer.write(`${node.op.charAt(0)}(`)
        this.node(node.args, bound)
        return writer.write(')')
      case 'in':
        if (isMapNode(this.vocabulary, node.args[1], bound))
          return this.#sequence(`${innerFunctions.hasKey}(`, [node.args[1], node.args[0]], ')', bound)
        return this.#infix(node, bound)
      case '&&':
      case '||':
      case '==':
      case '!=':
      case '<':
      case '<=':
      case '>':
      case '>=':
      case '+':
      case '-':
      case '*':
      case '/':
      case '%':
        return this.#infix(node, bound)
      case '.?':
      case '[?]':
        throw this.#unsupported('optional fields', node)
    }
  }

  /** A chain of one operator, which is left-associative, stays flat: parentheses would nest it. */
  #infix(node: Infix, bound: ReadonlySet<string>): CelWriter {
    const right: ASTNode[] = []
    let left: ASTNode = node
    while (left.op === node.op) {
      right.push(left.args[1])
      left = left.args[0]
    }
    this.writer.write('(')
    this.node(left, bound)
    for (const operand of right.reverse()) {
      this.writer.write(` ${node.op} `)
      this.node(operand, bound)
    }
    return this.writer.write(')')
  }

  #sequence(open: string, nodes: readonly ASTNode[], close: string, bound: ReadonlySet<string>): CelWriter {
    this.writer.write(open)
    nodes.forEach((node, index) => {
      if (index > 0) this.writer.write(', ')
      this.node(node, bound)
    })
    return this.writer.write(close)
  }

  #ternary(condition: ASTNode, whenTrue: ASTNode, whenFalse: ASTNode, bound: ReadonlySet<string>): CelWriter {
    this.writer.write('(')
    this.node(condition, bound)
    this.writer.write(' ? ')
    this.node(whenTrue, bound)
    this.writer.write(' : ')
    this.node(whenFalse, bound)
    return this.writer.write(')')
  }

  #attribute(slot: Slot): string {
    this.slots.add(slot)
    return `a${slot}`
  }

  #select(node: ASTNode, bound: ReadonlySet<string>): CelWriter {
    const parts = nameParts(node)
    const [first] = parts ?? []
    if (parts === undefined || first === undefined || bound.has(first)) {
      if (node.op === 'id') return this.writer.write(`v_${node.args}`)
      if (node.op !== '.') throw this.#unsupported('this selection', node)
      if (isMapNode(this.vocabulary, node.args[0], bound)) {
        return this.#sequence(
          `${innerFunctions.key}(`,
          [node.args[0]],
          `, ${JSON.stringify(node.args[1])})`,
          bound,
        )
      }
      this.writer.write('(')
      this.node(node.args[0], bound)
      return this.writer.write(`).${node.args[1]}`)
    }
    const meaning = meaningOf(parts, this.vocabulary)
    switch (meaning.kind) {
      case 'attribute':
        return this.writer.write(this.#attribute(meaning.slot))
      case 'field':
        return this.writer.write(
          `${innerFunctions.key}(${this.#attribute(meaning.slot)}, ${JSON.stringify(meaning.key)})`,
        )
      case 'prefix':
      case 'unknown':
        if (parts.length === 1 && typeNames.has(first)) return this.writer.write(first)
        throw this.#unknown(parts.join('.'), node)
    }
  }

  #index(map: ASTNode, key: ASTNode, bound: ReadonlySet<string>): CelWriter {
    if (isMapNode(this.vocabulary, map, bound))
      return this.#sequence(`${innerFunctions.key}(`, [map, key], ')', bound)
    this.node(map, bound)
    return this.#sequence('[', [key], ']', bound)
  }

  #call(node: ASTNode, name: string, args: readonly ASTNode[], bound: ReadonlySet<string>): CelWriter {
    const [first, second, third] = args
    if (name === 'has' && first !== undefined && args.length === 1) return this.#presence(first, bound)
    if (name === 'conditional') {
      if (args.length !== 3 || first === undefined || second === undefined || third === undefined)
        throw this.#arity(node, name, args.length, 3)
      return this.#ternary(first, second, third, bound)
    }
    if (name === 'pick') return this.#pick(node, args, bound)
    if (name === 'matches') return this.#sequence(`${innerFunctions.matches}(`, args, ')', bound)
    this.#refuseInner(name, node)
    return this.#sequence(`${name}(`, args, ')', bound)
  }

  /** `pick(a.b, m["k"], c)`: the first that is there, in the order written; the last without question. */
  #pick(node: ASTNode, args: readonly ASTNode[], bound: ReadonlySet<string>): CelWriter {
    const inside = args.find(arg => arg.op === 'call' && arg.args[0] === 'has')
    if (inside !== undefined) throw this.#unsupported('has() inside pick()', inside)
    if (args.length < 2) throw this.#arity(node, 'pick', args.length, 2)
    let open = 0
    for (const [index, arg] of args.entries()) {
      const mayBeAbsent =
        index < args.length - 1 &&
        (arg.op === '.' || (arg.op === '[]' && isMapNode(this.vocabulary, arg.args[0], bound)))
      if (!mayBeAbsent) {
        this.node(arg, bound)
        break
      }
      this.writer.write('(')
      this.#presence(arg, bound)
      this.writer.write(' ? ')
      this.node(arg, bound)
      this.writer.write(' : ')
      open++
    }
    return this.writer.write(')'.repeat(open))
  }

  /** Whether an attribute, or a key of a map, is there. Names that others begin with always are, as upstream. */
  #presence(node: ASTNode, bound: ReadonlySet<string>): CelWriter {
    if (node.op === '[]' && isMapNode(this.vocabulary, node.args[0], bound))
      return this.#sequence(`${innerFunctions.hasKey}(`, [node.args[0], node.args[1]], ')', bound)
    const parts = nameParts(node)
    if (node.op !== '.' || parts === undefined || bound.has(parts[0] ?? ''))
      return this.#sequence('has(', [node], ')', bound)
    const meaning = meaningOf(parts, this.vocabulary)
    switch (meaning.kind) {
      case 'attribute':
        this.slots.add(meaning.slot)
        return this.writer.write(`p${meaning.slot}`)
      case 'field':
        return this.writer.write(
          `${innerFunctions.hasKey}(${this.#attribute(meaning.slot)}, ${JSON.stringify(meaning.key)})`,
        )
      case 'prefix':
        return this.writer.write('true')
      case 'unknown':
        throw this.#unknown(parts.join('.'), node)
    }
  }

  #method(
    node: ASTNode,
    name: string,
    receiver: ASTNode,
    args: readonly ASTNode[],
    bound: ReadonlySet<string>,
  ): CelWriter {
    if (name === 'matches')
      return this.#sequence(`${innerFunctions.matches}(`, [receiver, ...args], ')', bound)
    if (name === 'bind') throw this.#unsupported('bind()', node)
    this.#refuseInner(name, node)
    this.#sequence('(', [receiver], `).${name}(`, bound)
    const [variable, ...rest] = args
    if (isMacro(name) && variable?.op === 'id') {
      if (!this.#macros.enter()) throw this.#error('EXPR_LIMIT', MacroCount.limit, node)
      this.writer.write(`v_${variable.args}, `)
      this.#sequence('', rest, ')', new Set([...bound, variable.args]))
      this.#macros.leave()
      return this.writer
    }
    return this.#sequence('', args, ')', bound)
  }

  #refuseInner(name: string, node: ASTNode): void {
    if (Object.values(innerFunctions).some(inner => inner === name))
      throw this.#error('EXPR_UNKNOWN_FUNCTION', `unknown function: ${name}`, node)
  }

  #unknown(name: string, node: ASTNode): ExprError {
    return this.#error('EXPR_UNKNOWN_ATTRIBUTE', `unknown attribute ${name}`, node, {
      found: name,
      wanted: 'an attribute that a manifest declares',
      nearest: nearest(name, this.vocabulary.names()),
    })
  }

  #arity(node: ASTNode, name: string, found: number, wanted: number): ExprError {
    const message = `${name} arity mismatch. Got ${found} arg(s), expected ${wanted} arg(s)`
    return this.#error('EXPR_ARITY', message, node)
  }

  #unsupported(what: string, node: ASTNode): ExprError {
    return this.#error('EXPR_UNSUPPORTED', `unexpected expression: ${what}`, node)
  }

  #error(code: ExprErrorCode, message: string, node: ASTNode, more: Partial<ExprErrorFacts> = {}): ExprError {
    const { text, location } = this
    return new ExprError({ code, message, text, start: node.start, end: node.end, location, ...more })
  }
}
