import type { AttributeBag, AttributeValue, ValueType, Vocabulary } from '../attributes/index.js'
import { necessaryEqualities } from './build/necessary.js'
import { Planner } from './build/planner.js'
import { compileCel } from './cel/compile.js'
import { Checker } from './check/checker.js'
import type { TypedCall } from './check/typed.js'
import { ExprError, type ExprLocation } from './error.js'
import { shortened } from './limits.js'
import type { Plan } from './nodes/plan.js'
import type { CompiledExpression, EvalFailure, Language, NecessaryEquality } from './plan.js'
import { parse } from './syntax/parser.js'

export interface CompileOptions {
  /** Default: `CEXL`. */
  readonly language?: Language | undefined
  /** The type that the place of the expression needs. Default: any. */
  readonly expected?: ValueType | undefined
  /** Where the text comes from, for error messages. */
  readonly location?: ExprLocation | undefined
}

/**
 * Compiles an expression against the declared attributes.
 * @throws {ExprError} when the text is no expression, names something unknown, or its types do not fit.
 * @example t.equal(compile('request.size > 10', vocabulary).eval(bag), true)
 */
export function compile(
  text: string,
  vocabulary: Vocabulary,
  options: CompileOptions = {},
): CompiledExpression {
  const { language = 'CEXL', expected, location } = options
  switch (language) {
    case 'CEXL':
      return compileClassic(text, vocabulary, expected, location)
    case 'CEL':
    case 'COMPAT': {
      const compiled = compileCel(text, vocabulary, language, location)
      if (expected !== undefined && compiled.type !== expected)
        throw wrongResult(text, compiled.type, expected, { start: 0, end: text.length }, location)
      return compiled
    }
  }
}

function compileClassic(
  text: string,
  vocabulary: Vocabulary,
  expected: ValueType | undefined,
  location: ExprLocation | undefined,
): CompiledExpression {
  const checker = new Checker(text, vocabulary, location)
  const typed = checker.check(parse(text, location))
  if (expected !== undefined && typed.type !== expected)
    throw wrongResult(text, typed.type, expected, typed.ast, location)
  const planner = new Planner((call, operation, type) =>
    notImplemented(call, operation, type, text, location),
  )
  return new PlannedExpression(text, typed.type, planner.plan(typed))
}

function wrongResult(
  text: string,
  found: ValueType,
  wanted: ValueType,
  { start, end }: { readonly start: number; readonly end: number },
  location: ExprLocation | undefined,
): ExprError {
  const message = `expression '${shortened(text)}' evaluated to type ${found}, expected type ${wanted}`
  return new ExprError({ code: 'EXPR_RESULT_TYPE', message, text, start, end, found, wanted, location })
}

class PlannedExpression implements CompiledExpression {
  readonly necessary: readonly NecessaryEquality[]

  constructor(
    readonly text: string,
    readonly type: ValueType,
    readonly plan: Plan<AttributeValue>,
  ) {
    this.necessary = type === 'BOOL' ? necessaryEqualities(plan) : []
  }

  eval(bag: AttributeBag): AttributeValue | EvalFailure {
    return this.plan.eval(bag)
  }

  print(): string {
    return this.plan.print()
  }
}

/** Upstream's word for a type that its compiler does not know: `duration`, `bool`, and `interface` for all others. */
function upstreamType(type: ValueType): string {
  return type === 'DURATION' ? 'duration' : type === 'BOOL' ? 'bool' : 'interface'
}

function notImplemented(
  call: TypedCall,
  operation: string,
  type: ValueType,
  text: string,
  location: ExprLocation | undefined,
): ExprError {
  const name = upstreamType(type)
  return new ExprError({
    code: 'EXPR_NOT_IMPLEMENTED',
    message: `internal compiler error -- ${operation} for type not yet implemented: ${name} (there is no such operation for ${type})`,
    text,
    start: call.ast.start,
    end: call.ast.end,
    found: `${operation} of ${type}`,
    location,
  })
}
