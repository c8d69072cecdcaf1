import type { ValueType, Vocabulary } from '../../attributes/index.js'
import { ExprError, type ExprErrorFacts, type ExprLocation } from '../error.js'
import { type Ast, type Call, printAst } from '../syntax/ast.js'
import { nearest } from './nearest.js'
import { type ParameterType, type Signature, signatures, writtenNames } from './signatures.js'
import type { Typed } from './typed.js'

const unsupportedOperators = new Map<string, string>([
  ['NOT', 'a function that exists; there is no "!": write "x != true" or "x == false"'],
  ['SUB', 'a function that exists; there is no "-", also not in front of a number'],
])

/** Checks names and types. Throws {@link ExprError}. Source: reference expressions, section 5. */
export class Checker {
  constructor(
    readonly text: string,
    readonly vocabulary: Vocabulary,
    readonly location: ExprLocation | undefined,
  ) {}

  check(ast: Ast): Typed {
    switch (ast.kind) {
      case 'constant':
        return { kind: 'constant', type: ast.type, ast, value: ast.value }
      case 'name': {
        const slot = this.vocabulary.slot(ast.name)
        if (slot !== undefined)
          return { kind: 'attribute', type: this.vocabulary.type(slot), ast, slot, name: ast.name }
        throw this.#error({
          code: 'EXPR_UNKNOWN_ATTRIBUTE',
          message: `unknown attribute ${ast.name}`,
          start: ast.start,
          end: ast.end,
          found: ast.name,
          wanted: 'an attribute that a manifest declares',
          nearest: nearest(ast.name, this.vocabulary.names()),
        })
      }
      case 'call':
        return this.#call(ast)
    }
  }

  #call(call: Call): Typed {
    const { name, target: receiver } = call
    const signature = signatures.get(name)
    if (signature === undefined) throw this.#unknownFunction(call)
    this.#checkForm(call, signature)
    const target = receiver === undefined ? undefined : this.check(receiver)
    if (target !== undefined && signature.target !== undefined && target.type !== signature.target)
      throw this.#typeError(call, 'target', target, signature.target)
    this.#checkCount(call, signature)

    let any: ValueType | undefined
    const args: Typed[] = []
    call.args.forEach((ast, index) => {
      const arg = this.check(ast)
      const wanted: ParameterType = signature.parameters[index] ?? signature.parameters.at(-1) ?? 'any'
      const type: ValueType = wanted === 'any' ? (any ?? arg.type) : wanted
      if (wanted === 'any') any = type
      if (arg.type !== type) {
        // In a chain, upstream's error is that of the two-operand call that has this operand on its right.
        const inner: Call = call.isChain
          ? { ...call, args: call.args.slice(0, Math.max(2, index + 1)) }
          : call
        const position = call.isChain ? Math.min(index + 1, 2) : index + 1
        throw this.#typeError(inner, `arg ${position} (${printAst(ast)})`, arg, type)
      }
      args.push(arg)
    })
    const type = signature.result === 'any' ? any : signature.result
    if (type === undefined)
      throw new TypeError(`the signature of ${name} has a result that no argument decides`)
    return { kind: 'call', type, ast: call, name, args: target === undefined ? args : [target, ...args] }
  }

  #checkForm(call: Call, signature: Signature): void {
    const { name, target, nameStart: start, nameEnd: end } = call
    if (target !== undefined && signature.target === undefined)
      throw this.#error({
        code: 'EXPR_CALL_FORM',
        message: `invoking regular function on instance method: ${name}`,
        start,
        end,
        found: `a method call of ${name}`,
        wanted: `${name}(…)`,
      })
    if (target === undefined && signature.target !== undefined)
      throw this.#error({
        code: 'EXPR_CALL_FORM',
        message: `invoking instance method without an instance: ${name}`,
        start,
        end,
        found: `a function call of ${name}`,
        wanted: `x.${name}(…)`,
      })
  }

  #checkCount(call: Call, { parameters, repeats }: Signature): void {
    const wanted = parameters.length
    const found = call.args.length
    if (found === wanted || (found > wanted && (repeats === 'last' || call.isChain))) return
    throw this.#error({
      code: 'EXPR_ARITY',
      message: `${printAst(call)} arity mismatch. Got ${found} arg(s), expected ${wanted} arg(s)`,
      start: call.start,
      end: call.end,
      found: `${found} argument(s)`,
      wanted: `${wanted} argument(s)`,
    })
  }

  #unknownFunction(call: Call): ExprError {
    const { name, nameStart: start, nameEnd: end } = call
    return this.#error({
      code: 'EXPR_UNKNOWN_FUNCTION',
      message: `unknown function: ${name}`,
      start,
      end,
      found: name === '' ? this.text.slice(start, end) : name,
      wanted: unsupportedOperators.get(name) ?? 'an operator, function or method that exists',
      nearest: name === name.toUpperCase() ? undefined : nearest(name, writtenNames),
    })
  }

  #typeError(call: Call, which: string, found: Typed, wanted: ValueType): ExprError {
    return this.#error({
      code: 'EXPR_TYPE',
      message: `${printAst(call)} ${which} typeError got ${found.type}, expected ${wanted}`,
      start: found.ast.start,
      end: found.ast.end,
      found: hint(found),
      wanted,
    })
  }

  #error(facts: Omit<ExprErrorFacts, 'text' | 'location'>): ExprError {
    return new ExprError({ ...facts, text: this.text, location: this.location })
  }
}

/** The type found, with the reason where it surprises. */
function hint(found: Typed): string {
  if (found.type !== 'DURATION' || found.kind !== 'constant') return found.type
  return 'DURATION (a literal that reads as a duration is one, and cannot be used as a string)'
}
