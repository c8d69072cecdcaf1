import { nearest, outputTypes, type TemplateDefinition } from '@outboard/adapters-sdk'
import type { Slot, Vocabulary } from '../../attributes/index.js'
import type { Language } from '../../expr/index.js'
import type { AttributeBinding } from '../snapshot.js'
import { describe, type InstanceStyle, isMap, type ParamsCompiler } from './params.js'
import type { FieldPath, InstanceProblem } from './problem.js'

/** The bindings of an attribute-producing instance, and the vocabulary that they are compiled for. */
export interface Bindings {
  readonly bindings: readonly AttributeBinding[]
  readonly vocabulary: Vocabulary
  /** By output field. */
  readonly outputSlots: ReadonlyMap<string, Slot>
}

/** How outputs are written in bindings of each style. */
const outputPrefix: Readonly<Record<InstanceStyle, string>> = { compiled: '$out.', dynamic: 'output.' }

/** Compiles bindings, each with the path of the map that it stands in. Problems go to the compiler. */
export function compileBindings(
  template: TemplateDefinition,
  sources: readonly { readonly bindings: unknown; readonly path: FieldPath }[],
  compiler: ParamsCompiler,
): Bindings {
  const base = compiler.vocabulary
  if (template.variety !== 'ATTRIBUTE_GENERATOR') {
    for (const { bindings, path } of sources) refuse(template, bindings, path, compiler)
    return { bindings: [], vocabulary: base, outputSlots: new Map() }
  }
  const prefix = compiler.style === 'compiled' ? privatePrefix(base) : outputPrefix.dynamic
  const types = outputTypes(template)
  const vocabulary = base.extend([...types].map(([field, type]) => ({ name: prefix + field, type })))
  const outputSlots = new Map<string, Slot>()
  for (const [field, type] of types) {
    const slot = vocabulary.slot(prefix + field)
    // A declared attribute may stand in the way, of another type than the output.
    if (slot !== undefined && vocabulary.type(slot) === type) outputSlots.set(field, slot)
  }
  const bindings = new Map<Slot, AttributeBinding>()
  for (const source of sources) {
    for (const binding of compileAll(source.bindings, source.path, prefix, vocabulary, compiler)) {
      bindings.set(binding.slot, binding)
    }
  }
  return { bindings: [...bindings.values()], vocabulary, outputSlots }
}

function refuse(
  template: TemplateDefinition,
  bindings: unknown,
  path: FieldPath,
  compiler: ParamsCompiler,
): void {
  if (bindings === undefined || bindings === null || (isMap(bindings) && Object.keys(bindings).length === 0))
    return
  compiler.problem(path, 'INSTANCE_BINDINGS', `the template ${template.name} produces no attributes to bind`)
}

function compileAll(
  bindings: unknown,
  path: FieldPath,
  prefix: string,
  vocabulary: Vocabulary,
  compiler: ParamsCompiler,
): AttributeBinding[] {
  if (bindings === undefined || bindings === null) return []
  if (!isMap(bindings)) {
    compiler.problem(
      path,
      'INSTANCE_BINDINGS',
      `takes a map of attributes to expressions, found ${describe(bindings)}`,
    )
    return []
  }
  return Object.entries(bindings).flatMap(([attribute, text]) => {
    const where = [...path, attribute]
    if (typeof text === 'string') return compileOne(attribute, text, where, prefix, vocabulary, compiler)
    compiler.problem(where, 'INSTANCE_BINDINGS', `takes the text of an expression, found ${describe(text)}`)
    return []
  })
}

function compileOne(
  attribute: string,
  text: string,
  path: FieldPath,
  prefix: string,
  vocabulary: Vocabulary,
  compiler: ParamsCompiler,
): AttributeBinding[] {
  const type = compiler.vocabulary.typeOf(attribute)
  const slot = compiler.vocabulary.slot(attribute)
  if (type === undefined || slot === undefined) {
    const near = nearest(attribute, compiler.vocabulary.names())
    const hint = near === undefined ? '' : `; did you mean "${near}"?`
    compiler.problem(
      path,
      'INSTANCE_BINDING_ATTRIBUTE',
      `no attribute ${JSON.stringify(attribute)} is declared${hint}`,
    )
    return []
  }
  const expression = outputExpression(text, path, prefix, vocabulary, compiler)
  if (expression === undefined) return []
  if (expression.type !== type) {
    const message = `the attribute ${attribute} is of type ${type}, the expression of type ${expression.type}`
    compiler.problem(path, 'INSTANCE_BINDING_TYPE', message)
    return []
  }
  return [{ slot, expression }]
}

function outputExpression(
  text: string,
  path: FieldPath,
  prefix: string,
  vocabulary: Vocabulary,
  compiler: ParamsCompiler,
): AttributeBinding['expression'] | undefined {
  if (compiler.style === 'dynamic') return compiler.expression(text, vocabulary, path)
  const before = compiler.problems.length
  const expression = compiler.expression(replaceOutput(text, prefix, compiler.language), vocabulary, path)
  for (let i = before; i < compiler.problems.length; i++) {
    const problem = compiler.problems[i]
    if (problem !== undefined) compiler.problems[i] = asWritten(problem, prefix)
  }
  return expression
}

/** Messages speak of `$out.`, as the document does. */
function asWritten(problem: InstanceProblem, prefix: string): InstanceProblem {
  return { ...problem, message: problem.message.replaceAll(prefix, outputPrefix.compiled) }
}

/**
 * What stands for `$out.`, which no expression language can read: of the same length, so that places in messages stay
 * right, and the beginning of no declared attribute.
 */
function privatePrefix(vocabulary: Vocabulary): string {
  for (const letter of '_ABCDEFGHIJKLMNOPQRSTUVWXYZ') {
    const prefix = `${letter}out.`
    if (!vocabulary.names().some(name => name.startsWith(prefix))) return prefix
  }
  throw new RangeError('every short prefix for outputs is declared as an attribute')
}

/**
 * Puts the prefix in place of `$out.`, outside string literals. Upstream replaces it there too, so that a literal
 * `"$out."` comes out as something else.
 */
export function replaceOutput(text: string, prefix: string, language: Language): string {
  let result = ''
  let at = 0
  while (at < text.length) {
    const end = literalEnd(text, at, language)
    if (end > at) {
      result += text.slice(at, end)
      at = end
    } else if (text.startsWith(outputPrefix.compiled, at)) {
      result += prefix
      at += outputPrefix.compiled.length
    } else {
      result += text[at]
      at++
    }
  }
  return result
}

/** The end of the string literal that begins at a place; the place itself when none does. */
function literalEnd(text: string, at: number, language: Language): number {
  const quote = text[at]
  if (quote !== '"' && quote !== "'" && quote !== '`') return at
  const cel = language === 'CEL'
  if (cel && quote === '`') return at
  const long = cel && text.startsWith(quote.repeat(3), at) ? quote.repeat(3) : quote
  const raw = cel ? /(?:^|\W)[bB]?[rR]$/.test(text.slice(Math.max(0, at - 3), at)) : quote === '`'
  for (let i = at + long.length; i < text.length; i++) {
    if (!raw && text[i] === '\\') i++
    else if (text.startsWith(long, i)) return i + long.length
  }
  return text.length
}
