import { type Node, toPlain } from '../source/node.js'
import type { Envelope } from './envelope.js'
import { type Located, readMessage } from './reader.js'

/** An instance document, decoded as far as it goes without its template. */
export interface InstanceDocument {
  readonly envelope: Envelope
  readonly template: TemplateReference
  readonly params: Node | undefined
  readonly bindings: Node | undefined
  /** Where the params stand below `spec`. */
  readonly paramsPath: readonly string[]
}

export type TemplateReference =
  /** `compiledTemplate`, or the kind of an older document. */
  | { readonly by: 'built-in'; readonly name: Located<string> }
  /** `template`: a template document, a built-in template, or one that an adapter announced. */
  | { readonly by: 'reference'; readonly name: Located<string> }

/** `kind: instance`. Source: `istio.policy.v1beta1.Instance`. */
export function readInstance(envelope: Envelope): InstanceDocument | undefined {
  return readMessage(envelope.spec, envelope.report, 'instance', reader => {
    reader.text('name')
    const compiled = reader.text('compiled_template')
    const reference = reader.text('template')
    reader.exclusive(compiled, reference, 'compiledTemplate and template')
    const name = [compiled, reference].find(text => text !== undefined && text.value !== '')
    if (name === undefined)
      reader.missing('compiledTemplate', 'name a built-in template, or a template document with template')
    const params = reader.field('params')
    const bindings = reader.field('attribute_bindings')
    if (name === undefined) return undefined
    const by = name === compiled ? 'built-in' : 'reference'
    return { envelope, template: { by, name }, params, bindings, paramsPath: ['params'] }
  })
}

/** A document of an older kind: its kind is the template, and its spec the params, bindings among them. */
export function readLegacyInstance(envelope: Envelope): InstanceDocument {
  return {
    envelope,
    template: { by: 'built-in', name: { value: envelope.kind, place: envelope.root.place } },
    params: envelope.spec,
    bindings: undefined,
    paramsPath: [],
  }
}

/** Params as the instance compiler takes them. */
export function plainParams(node: Node | undefined): unknown {
  return node === undefined ? undefined : toPlain(node)
}
