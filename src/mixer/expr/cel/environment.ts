import { Environment } from '@marcbachmann/cel-js'
import type { ValueType } from '../../attributes/index.js'
import { dnsEqual, dnsName } from '../functions/dns.js'
import { email, emailEqual } from '../functions/email.js'
import { glob } from '../functions/glob.js'
import { addressEqual, ip } from '../functions/ip.js'
import { RegexCache, regexSearch } from '../functions/regex.js'
import { uri, uriEqual } from '../functions/uri.js'
import { EvalFailure } from '../plan.js'
import { lower } from '../text/lower.js'
import { CelAddress, CelEmail, CelMap, CelName, CelUri } from './values.js'

/** The limits of CEL expressions, beside the length of the text. */
export const celLimits = {
  /** Nodes of an expression, before and after rewriting. */
  maxAstNodes: 5_000,
  /** Nesting of operators, calls and indexes. */
  maxDepth: 200,
  /** Elements of one list literal. */
  maxListElements: 100,
  maxMapEntries: 100,
  /** Arguments of one call, so also the alternatives of one `pick`. */
  maxCallArguments: 200,
}

/** The longest rewritten text, in UTF-16 units: `pick` repeats its operands, so nesting it multiplies. */
export const maxRewrittenLength = 256 * 1024

const typePairs: readonly (readonly [ValueType, string])[] = [
  ['STRING', 'string'],
  ['INT64', 'int'],
  ['DOUBLE', 'double'],
  ['BOOL', 'bool'],
  ['TIMESTAMP', 'google.protobuf.Timestamp'],
  ['DURATION', 'google.protobuf.Duration'],
  ['IP_ADDRESS', 'IP_ADDRESS'],
  ['DNS_NAME', 'DNS_NAME'],
  ['EMAIL_ADDRESS', 'EMAIL_ADDRESS'],
  ['URI', 'URI'],
  ['STRING_MAP', 'STRING_MAP'],
]

/** CEL's names of the value types. */
export const celTypeNames: ReadonlyMap<ValueType, string> = new Map(typePairs)

/** The value types by CEL's names. */
export const valueTypes: ReadonlyMap<string, ValueType> = new Map(
  typePairs.map(([type, name]) => [name, type]),
)

/** The functions that the rewriting of an expression puts in; authors cannot write these names. */
export const innerFunctions = {
  /** `m["k"]` of a string map. */
  key: 'm_key',
  /** `"k" in m` of a string map. */
  hasKey: 'm_has',
  /** `text.matches(pattern)`: the library's own takes exponential time for some patterns. */
  matches: 'm_matches',
} as const

/** A failure becomes an exception, which is how CEL functions fail. */
function value<T>(result: T | EvalFailure): T {
  if (result instanceof EvalFailure) throw new Error(result.message)
  return result
}

function key(map: CelMap, name: string): string {
  const found = map.get(name)
  if (found === undefined) throw new Error(`no such key: ${name.slice(0, 200)}`)
  return found
}

function reverse(text: string): string {
  return [...text].reverse().join('')
}

/** Patterns of all CEL expressions share one cache. */
const patterns = new RegexCache()

function matches(text: string, pattern: string): boolean {
  return regexSearch(value(patterns.compile(pattern)), text)
}

const sync = { async: false }

/** CEL with upstream's types and functions, without variables. Cloned for each expression. */
export const baseEnvironment: Environment = new Environment({ limits: celLimits })
  .registerType('IP_ADDRESS', { ctor: CelAddress, fields: {} })
  .registerType('DNS_NAME', { ctor: CelName, fields: {} })
  .registerType('EMAIL_ADDRESS', { ctor: CelEmail, fields: {} })
  .registerType('URI', { ctor: CelUri, fields: {} })
  .registerType('STRING_MAP', { ctor: CelMap, fields: {} })
  .registerOperator('IP_ADDRESS == IP_ADDRESS', (a: CelAddress, b: CelAddress) =>
    addressEqual(a.bytes, b.bytes),
  )
  .registerOperator('DNS_NAME == DNS_NAME', (a: CelName, b: CelName) => value(dnsEqual(a.text, b.text)))
  .registerOperator('EMAIL_ADDRESS == EMAIL_ADDRESS', (a: CelEmail, b: CelEmail) =>
    value(emailEqual(a.text, b.text)),
  )
  .registerOperator('URI == URI', (a: CelUri, b: CelUri) => value(uriEqual(a.text, b.text)))
  .registerFunction('ip(string): IP_ADDRESS', (text: string) => new CelAddress(value(ip(text))), sync)
  .registerFunction('dnsName(string): DNS_NAME', (text: string) => new CelName(value(dnsName(text))), sync)
  .registerFunction('email(string): EMAIL_ADDRESS', (text: string) => new CelEmail(value(email(text))), sync)
  .registerFunction('uri(string): URI', (text: string) => new CelUri(value(uri(text))), sync)
  .registerFunction('match(string, string): bool', glob, sync)
  .registerFunction('toLower(string): string', lower, sync)
  .registerFunction('reverse(string): string', reverse, sync)
  .registerFunction('string.reverse(): string', reverse, sync)
  .registerFunction('emptyStringMap(): STRING_MAP', () => new CelMap(undefined), sync)
  .registerFunction(`${innerFunctions.key}(STRING_MAP, string): string`, key, sync)
  .registerFunction(
    `${innerFunctions.hasKey}(STRING_MAP, string): bool`,
    (map: CelMap, name: string) => map.get(name) !== undefined,
    sync,
  )
  .registerFunction(`${innerFunctions.matches}(string, string): bool`, matches, sync)
