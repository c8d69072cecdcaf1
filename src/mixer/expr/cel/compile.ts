import { type Context, EvaluationError, ParseError } from '@marcbachmann/cel-js'
import type { AttributeBag, AttributeValue, Slot, ValueType, Vocabulary } from '../../attributes/index.js'
import { ExprError, type ExprErrorCode, type ExprLocation } from '../error.js'
import { shown } from '../functions/invalid.js'
import { maxTextLength } from '../limits.js'
import { type CompiledExpression, EvalFailure, type Language } from '../plan.js'
import { parse } from '../syntax/parser.js'
import { celTextOf } from './compat.js'
import { baseEnvironment, celTypeNames, innerFunctions, valueTypes } from './environment.js'
import { Rewriter } from './rewrite.js'
import { type CelValue, fromCel, readForCel } from './values.js'

/** Compiles an expression with CEL's semantics: written in CEL, or for COMPAT in the classic syntax. */
export function compileCel(
  text: string,
  vocabulary: Vocabulary,
  language: Exclude<Language, 'CEXL'>,
  location: ExprLocation | undefined,
): CompiledExpression {
  try {
    const source = language === 'COMPAT' ? celTextOf(parse(text, location)) : text
    return compileSource(text, source, vocabulary, location)
  } catch (error) {
    if (error instanceof ExprError && error.text === text) throw error
    throw translated(error, text, location)
  }
}

/** The error of a library, or one about a text that was made of the author's, as one about the author's text. */
function translated(error: unknown, text: string, location: ExprLocation | undefined): ExprError {
  const whole = { text, start: 0, end: text.length, location }
  if (error instanceof ExprError) return new ExprError({ ...whole, code: error.code, message: error.message })
  // A chain of thousands of operators exhausts the stack of the library, which works recursively.
  const isTooDeep = error instanceof RangeError
  const code: ExprErrorCode = isTooDeep ? 'EXPR_LIMIT' : 'EXPR_SYNTAX'
  const detail = error instanceof Error ? error.message : String(error)
  const message = isTooDeep
    ? 'the expression nests too deeply'
    : `unable to parse expression: ${shown(detail)}`
  return new ExprError({ ...whole, code, message })
}

function compileSource(
  text: string,
  source: string,
  vocabulary: Vocabulary,
  location: ExprLocation | undefined,
): CompiledExpression {
  const refuse = (
    code: ExprErrorCode,
    message: string,
    place: Place = { start: 0, end: source.length },
  ): ExprError => new ExprError({ code, message, text: source, start: place.start, end: place.end, location })
  if (source.length > maxTextLength)
    throw refuse(
      'EXPR_LIMIT',
      `the expression has ${source.length} characters; the limit is ${maxTextLength}`,
    )

  const rewriter = new Rewriter(source, vocabulary, location)
  try {
    rewriter.node(baseEnvironment.parse(source).ast, new Set())
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
    const code = error.code === 'limit_exceeded' ? 'EXPR_LIMIT' : 'EXPR_SYNTAX'
    throw refuse(code, `unable to parse expression '${shown(source)}': ${error.summary}`, error.range)
  }

  const environment = baseEnvironment.clone()
  const variables = new Map<string, Variable>()
  for (const slot of rewriter.slots) {
    const type = vocabulary.type(slot)
    environment
      .registerVariable(`a${slot}`, celTypeNames.get(type) ?? 'dyn')
      .registerVariable(`p${slot}`, 'bool')
    variables.set(`a${slot}`, bag => readForCel(bag, slot, type))
    variables.set(`p${slot}`, bag => isPresent(bag, slot))
  }
  const rewritten = rewriter.writer.text()
  const run = environment.parse(rewritten)
  const { type: celType, error } = run.check()
  if (error !== undefined) {
    const place = error.range === undefined ? undefined : rewriter.writer.origin(error.range.start)
    throw refuse('EXPR_TYPE', authorsWords(error.summary), place)
  }
  const type = valueTypes.get(celType ?? '')
  if (type === undefined)
    throw refuse(
      'EXPR_RESULT_TYPE',
      `expression '${shown(source)}' evaluated to type ${celType}, which no attribute has`,
    )
  return new CelExpression(text, type, rewritten, variables, run)
}

interface Place {
  readonly start: number
  readonly end: number
}

type Variable = (bag: AttributeBag) => CelValue

/** Reads for `has`: recorded as the look at the attribute that it is. */
function isPresent(bag: AttributeBag, slot: Slot): boolean {
  const isThere = bag.peek(slot) !== undefined
  if (bag.vocabulary.type(slot) !== 'STRING_MAP') bag.read(slot)
  else bag.readMap(slot)
  return isThere
}

/** A message of the library without the names that the rewriting put in. */
function authorsWords(message: string): string {
  return message
    .replaceAll(innerFunctions.matches, 'matches')
    .replaceAll(innerFunctions.hasKey, 'in')
    .replaceAll(innerFunctions.key, 'index')
}

/** The variables of one evaluation: read from the bag when the program asks for them, so that looks are recorded then. */
class BagContext extends Map<string, CelValue> {
  constructor(
    readonly variables: ReadonlyMap<string, Variable>,
    readonly bag: AttributeBag,
  ) {
    super()
  }

  override get(name: string): CelValue | undefined {
    return this.variables.get(name)?.(this.bag)
  }
}

/** An expression that the library evaluates. */
class CelExpression implements CompiledExpression {
  /** The library does not show what a program implies, so every rule in CEL is evaluated. */
  readonly necessary = []

  constructor(
    readonly text: string,
    readonly type: ValueType,
    readonly rewritten: string,
    readonly variables: ReadonlyMap<string, Variable>,
    readonly run: (context: Context) => unknown,
  ) {}

  eval(bag: AttributeBag): AttributeValue | EvalFailure {
    try {
      const value = fromCel(this.run(new BagContext(this.variables, bag)))
      return value ?? new EvalFailure('invalid', 'the expression has no value that an attribute can hold')
    } catch (error) {
      const summary =
        error instanceof EvaluationError
          ? error.summary
          : error instanceof Error
            ? error.message
            : String(error)
      return new EvalFailure('invalid', shown(authorsWords(summary)))
    }
  }

  print(): string {
    return this.rewritten
  }
}
