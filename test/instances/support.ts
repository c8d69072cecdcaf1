import { builtinTemplate, type Instance, type TemplateDefinition } from '@outboard/adapters-sdk'
import { AttributeBag, type AttributeValue, Vocabulary } from '../../src/mixer/attributes/index.js'
import {
  compileInstance,
  type InstanceProblem,
  type InstanceStyle,
  printPath,
} from '../../src/mixer/config/instances/index.js'
import type { CompiledInstance } from '../../src/mixer/config/snapshot.js'
import { EvalFailure, type Language } from '../../src/mixer/expr/index.js'

/** One attribute of each type. */
export const vocabulary = new Vocabulary([
  { name: 'a.string', type: 'STRING' },
  { name: 'a.int', type: 'INT64' },
  { name: 'a.double', type: 'DOUBLE' },
  { name: 'a.bool', type: 'BOOL' },
  { name: 'a.time', type: 'TIMESTAMP' },
  { name: 'a.ip', type: 'IP_ADDRESS' },
  { name: 'a.mail', type: 'EMAIL_ADDRESS' },
  { name: 'a.uri', type: 'URI' },
  { name: 'a.dns', type: 'DNS_NAME' },
  { name: 'a.span', type: 'DURATION' },
  { name: 'a.labels', type: 'STRING_MAP' },
])

export function bagOf(values: Readonly<Record<string, AttributeValue>>): AttributeBag {
  const bag = new AttributeBag(vocabulary)
  for (const [name, value] of Object.entries(values)) {
    if (!bag.setByName(name, value)) throw new TypeError(`${name} takes another form`)
  }
  return bag
}

export function template(name: string): TemplateDefinition {
  const found = builtinTemplate(name)
  if (found === undefined) throw new TypeError(name)
  return found
}

export interface Attempt {
  readonly template: TemplateDefinition
  readonly style: InstanceStyle
  readonly params?: unknown
  readonly bindings?: unknown
  readonly language?: Language
  readonly paramsPath?: readonly string[]
  readonly vocabulary?: Vocabulary
}

function attempt({ params, bindings, language = 'CEXL', ...rest }: Attempt) {
  return compileInstance({ name: 'i.instance.ns', vocabulary, ...rest, params, bindings, language })
}

/** The instance, which must compile. */
export function compiled(source: Attempt): CompiledInstance {
  const result = attempt(source)
  if (result.ok) return result.value
  throw new TypeError(result.problems.map(problem => problem.message).join('\n'))
}

/** The problems, of which there must be some, as `path code`. */
export function problems(source: Attempt): string[] {
  return found(source).map(({ path, code }) => `${printPath(path)} ${code}`)
}

export function found(source: Attempt): readonly InstanceProblem[] {
  const result = attempt(source)
  if (!result.ok) return result.problems
  throw new TypeError('everything compiled')
}

/** The plain record, which must come out. */
export function built(instance: CompiledInstance, bag: AttributeBag): Instance {
  const result = instance.build(bag)
  if (result instanceof EvalFailure) throw new TypeError(result.message)
  return result
}

/** The bytes, which must come out. */
export function encoded(instance: CompiledInstance, bag: AttributeBag): Uint8Array {
  const result = instance.encode(bag)
  if (result instanceof EvalFailure) throw new TypeError(result.message)
  return result
}
