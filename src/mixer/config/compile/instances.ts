import type { TemplateDefinition } from '@outboard/adapters-sdk'
import type { Vocabulary } from '../../attributes/index.js'
import type { Language } from '../../expr/index.js'
import { type InstanceDocument, plainParams } from '../decode/instance.js'
import { compileInstance, SharedMaps } from '../instances/index.js'
import { didYouMean } from '../nearest.js'
import type { CompiledInstance } from '../snapshot.js'
import { placeOf } from '../source/node.js'
import { mapInTurns, type Turns } from '../turns.js'
import { placeAtLine } from './expression.js'
import type { Resources } from './resources.js'
import type { TemplateBook } from './templates.js'

export interface InstanceScope {
  readonly resources: Resources
  readonly templates: TemplateBook
  readonly vocabulary: Vocabulary
  /** Handlers that name only an address and did not answer. */
  readonly unreachable: readonly string[]
  /** Overrides every document's own. */
  readonly language: Language | undefined
  readonly turns: Turns
}

/** All instance documents that are right, compiled, by identity. Also those that nothing names: mistakes show early. */
export async function compileInstances(scope: InstanceScope): Promise<Map<string, CompiledInstance>> {
  const compiled = new Map<string, CompiledInstance>()
  const maps = new SharedMaps()
  await mapInTurns(scope.resources.instances, scope.turns, ([id, document]) => {
    const template = templateOf(document, scope)
    const instance = template && compile(document, template, scope, maps)
    if (instance !== undefined) compiled.set(id, instance)
  })
  return compiled
}

function compile(
  document: InstanceDocument,
  template: TemplateDefinition,
  { vocabulary, language }: InstanceScope,
  maps: SharedMaps,
): CompiledInstance | undefined {
  const { envelope, params, bindings, paramsPath } = document
  const result = compileInstance({
    name: envelope.id,
    template,
    style: document.template.by === 'built-in' ? 'compiled' : 'dynamic',
    params: plainParams(params),
    bindings: plainParams(bindings),
    vocabulary,
    language: language ?? envelope.language,
    paramsPath,
    maps,
  })
  if (result.ok) return result.value
  for (const { path, message, at } of result.problems) {
    const place = placeOf(envelope.spec, path)
    envelope.report.problem(
      'CONFIG_INSTANCE_INVALID',
      at === undefined ? place : placeAtLine(place, at),
      `Cannot compile the instance: ${message}`,
      `correct the field; the template ${template.name} says what it takes`,
    )
  }
  return undefined
}

function templateOf(document: InstanceDocument, scope: InstanceScope): TemplateDefinition | undefined {
  const { envelope, template } = document
  const { value: name, place } = template.name
  const { templates: book } = scope
  const found =
    template.by === 'built-in'
      ? book.builtin(name)
      : (book.find(name, envelope.namespace) ?? book.announced(name))
  if (found !== undefined || (template.by === 'reference' && book.isBroken(name, envelope.namespace)))
    return found
  const [silent] = scope.unreachable
  if (template.by === 'reference' && silent !== undefined)
    envelope.report.problem(
      'CONFIG_ADAPTER_UNREACHABLE',
      place,
      `Cannot compile the instance: no document describes the template "${name}", and the adapter of ${scope.unreachable.join(', ')} did not answer`,
      'start the adapter, or add the template document',
    )
  else
    envelope.report.problem(
      'CONFIG_UNKNOWN_TEMPLATE',
      place,
      `Cannot compile the instance: found no template "${name}"${didYouMean(name, book.names())}`,
      template.by === 'built-in'
        ? 'correct the name, or use template for a template document'
        : 'add the template document, or correct the name',
    )
  return undefined
}
