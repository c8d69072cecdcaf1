import { LRUCache } from 'lru-cache'
import { AttributeBag, type Declaration, type ValueType, Vocabulary } from '../mixer/attributes/index.js'
import { compile, EvalFailure, ExprError, type Language } from '../mixer/expr/index.js'
import { valueFromJson, valueToJson } from './eval-values.js'

/** What `outboard eval` answers for one expression: a line of its output. */
export type EvalAnswer =
  | { readonly type: ValueType; readonly value: unknown; readonly referenced: readonly string[] }
  | { readonly error: { readonly stage: 'compile' | 'eval'; readonly message: string } }

/** One expression to evaluate. */
export interface EvalCase {
  readonly expr: string
  /** Attribute names and their types. */
  readonly manifest: Readonly<Record<string, unknown>>
  /** Values in JSON form; those that the manifest does not declare, or of another form, are absent. */
  readonly attributes: Readonly<Record<string, unknown>>
  readonly language: Language
}

/** How many manifests are kept compiled; the least recently used goes first. */
const maxVocabularies = 128

const types: ReadonlyMap<string, ValueType> = new Map(
  (
    [
      'STRING',
      'INT64',
      'DOUBLE',
      'BOOL',
      'TIMESTAMP',
      'IP_ADDRESS',
      'EMAIL_ADDRESS',
      'URI',
      'DNS_NAME',
      'DURATION',
      'STRING_MAP',
    ] as const
  ).map(type => [type, type]),
)

/** An error of the text, the manifest or the line itself. */
export function compileError(message: string): EvalAnswer {
  return { error: { stage: 'compile', message } }
}

/** Evaluates expressions one after the other; manifests that come again are compiled once. */
export class Evaluator {
  readonly #vocabularies = new LRUCache<string, Vocabulary>({ max: maxVocabularies })

  /** The answer for one case, and the compile error behind it, for printing in full. */
  answer(
    { expr, manifest, attributes, language }: EvalCase,
    onExprError: (error: ExprError) => void = () => undefined,
  ): EvalAnswer {
    const vocabulary = this.#vocabulary(manifest)
    if (typeof vocabulary === 'string') return compileError(vocabulary)
    try {
      const compiled = compile(expr, vocabulary, { language })
      const bag = new AttributeBag(vocabulary)
      for (const [name, json] of Object.entries(attributes)) {
        const type = vocabulary.typeOf(name)
        const value = type === undefined ? undefined : valueFromJson(type, json)
        if (value !== undefined) bag.setByName(name, value)
      }
      const value = compiled.eval(bag)
      if (value instanceof EvalFailure) return { error: { stage: 'eval', message: value.message } }
      return {
        type: compiled.type,
        value: valueToJson(compiled.type, value),
        referenced: bag.references.print(vocabulary),
      }
    } catch (error) {
      if (!(error instanceof ExprError)) throw error
      onExprError(error)
      return compileError(error.message)
    }
  }

  /** A manifest's vocabulary, or what is wrong with it. */
  #vocabulary(manifest: Readonly<Record<string, unknown>>): Vocabulary | string {
    // Only of texts: deep values would take as deep a stack.
    for (const [name, type] of Object.entries(manifest))
      if (typeof type !== 'string')
        return `the manifest gives attribute "${name}" a type that is no text; known types are ${[...types.keys()].join(', ')}`
    const key = JSON.stringify(manifest)
    const known = this.#vocabularies.get(key)
    if (known !== undefined) return known
    const declarations: Declaration[] = []
    for (const [name, typeName] of Object.entries(manifest)) {
      // Upstream lets such a declaration stand; an expression that uses it does not compile.
      if (typeName === 'VALUE_TYPE_UNSPECIFIED') continue
      const type = typeof typeName === 'string' ? types.get(typeName) : undefined
      if (type === undefined)
        return `the manifest gives attribute "${name}" the type ${JSON.stringify(typeName)}; known types are ${[...types.keys()].join(', ')}`
      declarations.push({ name, type })
    }
    const vocabulary = new Vocabulary(declarations)
    this.#vocabularies.set(key, vocabulary)
    return vocabulary
  }
}
