import type { AttributeBag, Slot, Vocabulary } from '../../attributes/index.js'
import type { Resources } from '../compile/resources.js'
import type { ApiKeySource, ApiPatternDocument, ApiSpecDocument } from '../decode/api-spec.js'
import type { ApiAttributes } from '../snapshot.js'
import { bindServices } from './bind.js'
import { type FixedAttribute, fixedAttributes } from './given-value.js'
import { regexPattern, type UriPattern, uriPattern } from './pattern.js'
import { type Look, type ServiceIndex, unrecorded } from './services.js'

interface CompiledSpec {
  readonly attributes: readonly FixedAttribute[]
  readonly operations: readonly Operation[]
  readonly apiKeys: readonly ApiKeySource[]
}

interface Operation {
  /** Empty: any. */
  readonly method: string
  readonly pattern: UriPattern
  readonly attributes: readonly FixedAttribute[]
}

/**
 * The API attributes of HTTPAPISpec documents, which Istio leaves to its sidecar: of the patterns that match path and
 * method, the most specific one gives its attributes and those of its document. Nothing is recorded: what is added
 * becomes a part of the request, and is recorded when it is looked at.
 */
export class ApiAttributeRules implements ApiAttributes {
  readonly #specs: ServiceIndex<CompiledSpec>
  readonly #slots: RequestSlots

  constructor({ apiSpecs, apiSpecBindings, seen }: Resources, vocabulary: Vocabulary) {
    const specs = new Map([...apiSpecs].map(([id, spec]) => [id, compileSpec(spec, vocabulary)]))
    this.#specs = bindServices('HTTPAPISpec', apiSpecBindings, specs, seen, vocabulary)
    this.#slots = requestSlots(vocabulary)
  }

  apply(bag: AttributeBag): void {
    const look = unrecorded(bag)
    const specs = this.#specs.find(look)
    if (specs.length === 0) return
    const slots = this.#slots
    const path = pathOf(look.text(slots.urlPath) ?? look.text(slots.path) ?? '')
    const method = look.text(slots.method) ?? ''
    for (const { attributes, operations, apiKeys } of specs) {
      const operation = mostSpecific(operations, method, path)
      if (operation !== undefined)
        for (const given of [...operation.attributes, ...attributes]) add(bag, given)
      const key = apiKeys.map(source => keyFrom(source, look, slots)).find(found => found !== undefined)
      if (key !== undefined && slots.apiKey !== undefined) add(bag, { slot: slots.apiKey, value: key })
    }
  }
}

function add(bag: AttributeBag, { slot, value }: FixedAttribute): void {
  if (bag.peek(slot) === undefined) bag.set(slot, value)
}

function pathOf(path: string): string {
  return path.split(/[?#]/, 1)[0] ?? ''
}

function mostSpecific(operations: readonly Operation[], method: string, path: string): Operation | undefined {
  return operations.find(
    operation => (operation.method === '' || operation.method === method) && operation.pattern.matches(path),
  )
}

function compileSpec(spec: ApiSpecDocument, vocabulary: Vocabulary): CompiledSpec {
  const { report } = spec.envelope
  const operations = spec.patterns
    .flatMap((document): Operation[] => {
      const pattern = compilePattern(document, spec)
      const attributes = fixedAttributes(document.attributes, vocabulary, report)
      return pattern === undefined ? [] : [{ method: document.method, pattern, attributes }]
    })
    .sort((a, b) => compareSpecificity(a.pattern, b.pattern))
  return {
    attributes: fixedAttributes(spec.attributes, vocabulary, report),
    operations,
    apiKeys: spec.apiKeys,
  }
}

/** Stable: of equally specific patterns the first one written stays first. */
function compareSpecificity(a: UriPattern, b: UriPattern): number {
  return a.specificity < b.specificity ? -1 : a.specificity > b.specificity ? 1 : 0
}

/** Regular expressions come after all templates, as in Istio's clients. */
function compilePattern(
  { pattern }: ApiPatternDocument,
  { envelope }: ApiSpecDocument,
): UriPattern | undefined {
  if (pattern.kind === 'template') return uriPattern(pattern.text, envelope.report)
  const regex = regexPattern(pattern.text.value, pattern.text.place, envelope.report)
  return regex && { ...regex, specificity: 'z' }
}

function keyFrom({ from, name }: ApiKeySource, look: Look, slots: RequestSlots): string | undefined {
  switch (from) {
    case 'query':
      return look.entry(slots.queryParams, name)
    case 'header':
      return look.entry(slots.headers, name)
    case 'cookie':
      return cookieNamed(name, look.entry(slots.headers, 'cookie') ?? '')
  }
}

function cookieNamed(name: string, header: string): string | undefined {
  for (const part of header.split(';')) {
    const equals = part.indexOf('=')
    if (equals > 0 && part.slice(0, equals).trim() === name) return part.slice(equals + 1).trim()
  }
  return undefined
}

interface RequestSlots {
  readonly urlPath: Slot | undefined
  readonly path: Slot | undefined
  readonly method: Slot | undefined
  readonly queryParams: Slot | undefined
  readonly headers: Slot | undefined
  readonly apiKey: Slot | undefined
}

function requestSlots(vocabulary: Vocabulary): RequestSlots {
  return {
    urlPath: vocabulary.slot('request.url_path'),
    path: vocabulary.slot('request.path'),
    method: vocabulary.slot('request.method'),
    queryParams: vocabulary.slot('request.query_params'),
    headers: vocabulary.slot('request.headers'),
    apiKey:
      vocabulary.typeOf('request.api_key') === 'STRING' ? vocabulary.slot('request.api_key') : undefined,
  }
}
