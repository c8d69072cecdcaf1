import { Buffer } from 'node:buffer'
import type { Adapter } from '../adapter.js'
import type { AnnouncedAdapter, AnnouncedTemplate } from '../protocol/frames.js'
import type { TemplateDefinition } from '../template.js'
import { templateToDescriptorSet } from '../templates/index.js'

/** A template that is announced, with its number and its descriptor. */
interface Numbered {
  readonly number: number
  readonly definition: TemplateDefinition
  readonly descriptorSet: Buffer
  /** Who brought it, for messages. */
  readonly adapter: string
}

/** What an adapter process consists of, with everything that a hello announces prepared once. */
export class AdapterProcess {
  readonly adapters: readonly Adapter[]
  readonly templates: readonly AnnouncedTemplate[]
  readonly announced: readonly AnnouncedAdapter[]
  /** Each adapter's own definitions of its templates, by number. */
  readonly #byNumber: ReadonlyMap<Adapter, readonly (TemplateDefinition | undefined)[]>

  /** @throws {TypeError} without adapters, with two of one name, or with two templates of one method that differ. */
  constructor(adapters: readonly Adapter[]) {
    if (adapters.length === 0) throw new TypeError('There is no adapter to serve')
    const byPath = new Map<string, Numbered>()
    for (const [index, adapter] of adapters.entries()) {
      if (adapters.findIndex(other => other.name === adapter.name) !== index) {
        throw new TypeError(`There are two adapters "${adapter.name}"`)
      }
      for (const template of adapter.templates) addTemplate(byPath, adapter.name, template)
    }
    this.adapters = adapters
    this.templates = [...byPath.values()].map(({ number, definition, descriptorSet }) => ({
      number,
      name: definition.name,
      descriptorSet,
    }))
    const numberOf = (template: TemplateDefinition) => byPath.get(template.methodPath)?.number ?? 0
    this.announced = adapters.map(adapter => ({
      name: adapter.name,
      version: adapter.version,
      description: adapter.description,
      templates: adapter.templates.map(numberOf),
      settingsSchema: JSON.stringify(adapter.settings.jsonSchema),
    }))
    this.#byNumber = new Map(
      adapters.map(adapter => {
        const own: (TemplateDefinition | undefined)[] = new Array(byPath.size + 1).fill(undefined)
        for (const template of adapter.templates) own[numberOf(template)] = template
        return [adapter, own]
      }),
    )
  }

  /** An adapter's templates by their announced numbers. */
  templatesOf(adapter: Adapter): readonly (TemplateDefinition | undefined)[] {
    return this.#byNumber.get(adapter) ?? []
  }

  /** An adapter by name; the only one by the empty name. */
  adapter(name: string): Adapter | undefined {
    if (name === '' && this.adapters.length === 1) return this.adapters[0]
    return this.adapters.find(adapter => adapter.name === name)
  }
}

/**
 * Numbers a template, unless it has its number. Adapters may each have read their own copy of one template: what counts is
 * what its descriptor says.
 */
function addTemplate(byPath: Map<string, Numbered>, adapter: string, definition: TemplateDefinition): void {
  const { methodPath, name } = definition
  const descriptorSet = Buffer.from(templateToDescriptorSet(definition))
  const known = byPath.get(methodPath)
  if (known === undefined) {
    byPath.set(methodPath, { number: byPath.size + 1, definition, descriptorSet, adapter })
  } else if (known.definition.name !== name || !descriptorSet.equals(known.descriptorSet)) {
    throw new TypeError(
      `The adapters "${known.adapter}" and "${adapter}" cannot be served together: their templates with the method ` +
        `${methodPath} differ`,
    )
  }
}
