import { builtinTemplateNames, type TemplateDefinition } from '@outboard/adapters-sdk'
import type { TemplateDocument } from '../decode/registry.js'
import { identitiesOf, resolve } from '../names.js'
import type { Resources } from './resources.js'

/** Reads a descriptor set. @throws when it describes no template. */
export type DescriptorReader = (descriptorSet: Uint8Array) => TemplateDefinition

/** The templates of one load: built-in ones, those of documents, and those that adapters announced. */
export class TemplateBook {
  readonly #documents = new Map<string, TemplateDefinition>()
  readonly #announced = new Map<string, TemplateDefinition>()

  constructor(
    private readonly resources: Resources,
    readonly builtin: (name: string) => TemplateDefinition | undefined,
    read: DescriptorReader,
  ) {
    for (const document of resources.templates.values()) this.#read(document, read)
  }

  /** Remembers what an adapter announced; the first one of a name stays. */
  announce(templates: readonly TemplateDefinition[]): void {
    for (const template of templates)
      if (!this.#announced.has(template.name)) this.#announced.set(template.name, template)
  }

  announced(name: string): TemplateDefinition | undefined {
    return this.#announced.get(name)
  }

  /** What `template: <reference>` means without asking anyone: a document, else a built-in template of that name. */
  find(reference: string, namespace: string): TemplateDefinition | undefined {
    return resolve(reference, 'template', namespace, this.#documents) ?? this.builtin(reference)
  }

  /** Whether the reference names a document that is there and could not be read, which has been reported already. */
  isBroken(reference: string, namespace: string): boolean {
    return identitiesOf(reference, 'template', namespace).some(
      id => this.resources.seen.has(id) && !this.#documents.has(id),
    )
  }

  /** The references that would work in a namespace, for advice. */
  names(): string[] {
    const documents = [...this.#documents.keys()].map(id => id.split('.')[0] ?? id)
    return [...documents, ...this.#announced.keys(), ...builtinTemplateNames]
  }

  #read({ envelope, descriptor }: TemplateDocument, read: DescriptorReader): void {
    try {
      this.#documents.set(envelope.id, read(descriptor.value))
    } catch (cause) {
      envelope.report.problem(
        'CONFIG_BAD_DESCRIPTOR',
        descriptor.place,
        `Cannot read the template's descriptor: ${cause instanceof Error ? cause.message : String(cause)}`,
        "encode the descriptor set of the template's handler service, with all its imports",
      )
    }
  }
}

/** Whether an instance of the one may be sent where the other is understood: their messages and services are the same. */
export function sameTemplate(a: TemplateDefinition, b: TemplateDefinition): boolean {
  return a === b || (a.name === b.name && a.packageName === b.packageName && a.variety === b.variety)
}
