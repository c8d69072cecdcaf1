import type { Adapter } from '../adapter.js'
import type { AnnouncedAdapter, AnnouncedTemplate } from '../protocol/frames.js'
import type { TemplateDefinition } from '../template.js'
import { templateToDescriptorSet } from '../templates/index.js'

/** What an adapter process consists of, with everything that a hello announces prepared once. */
export class AdapterProcess {
  readonly adapters: readonly Adapter[]
  readonly templates: readonly AnnouncedTemplate[]
  readonly announced: readonly AnnouncedAdapter[]
  readonly #byNumber: readonly (TemplateDefinition | undefined)[]

  /** @throws {TypeError} without adapters, with two of one name, or with two templates of one name that differ. */
  constructor(adapters: readonly Adapter[]) {
    if (adapters.length === 0) throw new TypeError('There is no adapter to serve')
    const definitions = new Map<string, TemplateDefinition>()
    for (const [index, adapter] of adapters.entries()) {
      if (adapters.findIndex(other => other.name === adapter.name) !== index) {
        throw new TypeError(`There are two adapters "${adapter.name}"`)
      }
      for (const template of adapter.templates) {
        const known = definitions.get(template.methodPath)
        if (known !== undefined && known !== template) {
          throw new TypeError(`There are two templates with the method ${template.methodPath}`)
        }
        definitions.set(template.methodPath, template)
      }
    }
    const numbered = [...definitions.values()]
    this.adapters = adapters
    this.#byNumber = [undefined, ...numbered]
    this.templates = numbered.map((template, index) => ({
      number: index + 1,
      name: template.name,
      descriptorSet: templateToDescriptorSet(template),
    }))
    this.announced = adapters.map(adapter => ({
      name: adapter.name,
      version: adapter.version,
      description: adapter.description,
      templates: adapter.templates.map(template => numbered.indexOf(template) + 1),
      settingsSchema: JSON.stringify(adapter.settings.jsonSchema),
    }))
  }

  /** The template with an announced number. */
  template(number: number): TemplateDefinition | undefined {
    return this.#byNumber[number]
  }

  /** An adapter by name; the only one by the empty name. */
  adapter(name: string): Adapter | undefined {
    if (name === '' && this.adapters.length === 1) return this.adapters[0]
    return this.adapters.find(adapter => adapter.name === name)
  }
}
