import {
  AttributeBag,
  type AttributeValue,
  type Declaration,
  Instant,
  type ValueType,
  Vocabulary,
} from '../../src/mixer/attributes/index.js'
import {
  type CompileOptions,
  compile,
  EvalFailure,
  ExprError,
  type Language,
} from '../../src/mixer/expr/index.js'

const types: readonly (readonly [string, ValueType])[] = [
  ['s', 'STRING'],
  ['i', 'INT64'],
  ['d', 'DOUBLE'],
  ['b', 'BOOL'],
  ['t', 'TIMESTAMP'],
  ['dur', 'DURATION'],
  ['ip', 'IP_ADDRESS'],
  ['m', 'STRING_MAP'],
  ['dns', 'DNS_NAME'],
  ['email', 'EMAIL_ADDRESS'],
  ['uri', 'URI'],
]

/** `q.*`: every type, in the request. `z.*`: the same types, declared and absent. */
export const vocabulary = new Vocabulary(
  ['q', 'z'].flatMap(prefix =>
    types.map(([name, type]): Declaration => ({ name: `${prefix}.${name}`, type })),
  ),
)

const values: Readonly<Record<string, AttributeValue>> = {
  'q.s': 'user',
  'q.i': 42,
  'q.d': 1.5,
  'q.b': true,
  'q.t': new Instant(1_577_836_800, 0),
  'q.dur': 90_000_000_000,
  'q.ip': new Uint8Array([10, 0, 0, 1]),
  'q.m': new Map([
    ['k', 'v'],
    ['empty', ''],
    ['user', 'found'],
  ]),
  'q.dns': 'Billing.Example.COM',
  'q.email': 'Ann@Example.com',
  'q.uri': 'http://Example.com/a?b#c',
}

/** The request that the tables of expected values are written for. */
export function request(more: Readonly<Record<string, AttributeValue>> = {}): AttributeBag {
  const bag = new AttributeBag(vocabulary)
  for (const [name, value] of Object.entries({ ...values, ...more })) bag.setByName(name, value)
  return bag
}

/** What becomes of an expression: its value, or `code: …` when it does not compile, or `fails: …`. */
export function outcome(text: string, language: Language = 'CEXL'): unknown {
  try {
    const value = compile(text, vocabulary, { language }).eval(request())
    return value instanceof EvalFailure ? `fails: ${value.message}` : value
  } catch (error) {
    if (error instanceof ExprError) return `${error.code}: ${error.message}`
    throw error
  }
}

/** The code of an expression that does not compile, or `compiles`. */
export function codeOf(text: string, language: Language = 'CEXL'): string {
  try {
    compile(text, vocabulary, { language })
    return 'compiles'
  } catch (error) {
    if (error instanceof ExprError) return error.code
    throw error
  }
}

/** What an evaluation looked at, as `outboard eval` prints it. */
export function referenced(text: string, language: Language = 'CEXL'): string[] {
  const bag = request()
  compile(text, vocabulary, { language }).eval(bag)
  return bag.references.print(vocabulary)
}

/** The error of an expression that must not compile. */
export function errorOf(text: string, options: CompileOptions = {}): ExprError {
  try {
    compile(text, vocabulary, options)
  } catch (error) {
    if (error instanceof ExprError) return error
    throw error
  }
  throw new Error(`${text} compiles`)
}
