import type { ValueType } from '../../attributes/index.js'

/** `any`: the type of the first `any` operand; all others must equal it. */
export type ParameterType = ValueType | 'any'

/** What an operator, function or method takes and gives. Source: reference expressions, section 5. */
export interface Signature {
  /** The type of a method's receiver; undefined for operators and functions. */
  readonly target: ValueType | undefined
  readonly parameters: readonly ParameterType[]
  readonly result: ParameterType
  /** The last parameter may be given any number of times more. */
  readonly repeats: 'last' | 'never'
}

function fn(parameters: readonly ParameterType[], result: ParameterType): Signature {
  return { target: undefined, parameters, result, repeats: 'never' }
}

function repeating(parameters: readonly ParameterType[], result: ParameterType): Signature {
  return { target: undefined, parameters, result, repeats: 'last' }
}

function method(target: ValueType, parameters: readonly ParameterType[], result: ParameterType): Signature {
  return { target, parameters, result, repeats: 'never' }
}

/** Every name that can be called; operators under their internal names, which may be called like functions. */
export const signatures: ReadonlyMap<string, Signature> = new Map([
  ['EQ', fn(['any', 'any'], 'BOOL')],
  ['NEQ', fn(['any', 'any'], 'BOOL')],
  ['LT', fn(['any', 'any'], 'BOOL')],
  ['LEQ', fn(['any', 'any'], 'BOOL')],
  ['GT', fn(['any', 'any'], 'BOOL')],
  ['GEQ', fn(['any', 'any'], 'BOOL')],
  ['LAND', repeating(['BOOL', 'BOOL'], 'BOOL')],
  ['LOR', fn(['BOOL', 'BOOL'], 'BOOL')],
  ['OR', fn(['any', 'any'], 'any')],
  ['ADD', fn(['any', 'any'], 'any')],
  ['INDEX', fn(['STRING_MAP', 'STRING'], 'STRING')],
  ['conditional', fn(['BOOL', 'any', 'any'], 'any')],
  ['conditionalString', fn(['BOOL', 'STRING', 'STRING'], 'STRING')],
  ['size', fn(['STRING'], 'INT64')],
  ['match', fn(['STRING', 'STRING'], 'BOOL')],
  ['toLower', fn(['STRING'], 'STRING')],
  ['ip', fn(['STRING'], 'IP_ADDRESS')],
  ['timestamp', fn(['STRING'], 'TIMESTAMP')],
  ['dnsName', fn(['STRING'], 'DNS_NAME')],
  ['email', fn(['STRING'], 'EMAIL_ADDRESS')],
  ['uri', fn(['STRING'], 'URI')],
  ['emptyStringMap', fn([], 'STRING_MAP')],
  ['matches', method('STRING', ['STRING'], 'BOOL')],
  ['startsWith', method('STRING', ['STRING'], 'BOOL')],
  ['endsWith', method('STRING', ['STRING'], 'BOOL')],
])

/** The names that authors write, for suggestions. */
export const writtenNames: readonly string[] = [...signatures.keys()].filter(
  name => name !== name.toUpperCase(),
)
