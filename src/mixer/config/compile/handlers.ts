import type { TemplateDefinition } from '@outboard/adapters-sdk'
import type { HandlerDocument } from '../decode/handler.js'
import type { AdapterDocument } from '../decode/registry.js'
import { identitiesOf, resolve, shortestReference } from '../names.js'
import { didYouMean } from '../nearest.js'
import type { Announcement, BuiltinAdapter, BuiltinAdapters } from '../ports.js'
import { toPlain } from '../source/node.js'
import { mapInTurns, type Turns } from '../turns.js'
import { type AdapterConfigs, encodeSettings } from './adapter-settings.js'
import type { Resources } from './resources.js'
import { reportSettings } from './settings.js'
import { sameTemplate, type TemplateBook } from './templates.js'

/** A handler whose adapter is known; which instances it gets is not. */
export interface HandlerDraft {
  readonly document: HandlerDocument
  readonly id: string
  readonly displayName: string
  readonly adapter: string
  readonly settings: unknown
  readonly settingsAny: { readonly typeUrl: string; readonly value: Uint8Array } | undefined
  /** The built-in adapter, when it takes the shape of the settings. */
  readonly validator: BuiltinAdapter | undefined
  /** The adapter's templates; undefined: it has not said. */
  readonly templates: readonly TemplateDefinition[] | undefined
}

export interface HandlerScope {
  readonly resources: Resources
  readonly templates: TemplateBook
  readonly adapters: BuiltinAdapters
  readonly configs: AdapterConfigs
  /** By handler, for those that name only an address. */
  readonly announcements: ReadonlyMap<string, Announcement>
  readonly turns: Turns
}

/** Whether a handler's adapter must say itself what it is: it has an address, and no adapter document. */
export function announcesItself(
  { envelope, adapter, connection }: HandlerDocument,
  resources: Resources,
): boolean {
  switch (adapter.by) {
    case 'announcement':
      return true
    case 'built-in':
      return false
    case 'document': {
      const ids = identitiesOf(adapter.name.value, 'adapter', envelope.namespace)
      return connection !== undefined && !ids.some(id => resources.adapters.has(id) || resources.seen.has(id))
    }
  }
}

/** Drafts of all handler documents that are right, by identity. */
export async function draftHandlers(scope: HandlerScope): Promise<Map<string, HandlerDraft>> {
  const drafts = new Map<string, HandlerDraft>()
  await mapInTurns(scope.resources.handlers, scope.turns, ([id, document]) => {
    const draft = draftOf(document, scope)
    if (draft !== undefined) drafts.set(id, draft)
  })
  return drafts
}

/** Whether a handler understands a template; one that has not said is trusted with the built-in ones. */
export function supports(
  draft: HandlerDraft,
  template: TemplateDefinition,
  { builtin }: TemplateBook,
): boolean {
  if (draft.templates !== undefined) return draft.templates.some(known => sameTemplate(known, template))
  const known = builtin(template.name)
  return known !== undefined && sameTemplate(known, template)
}

function draftOf(document: HandlerDocument, scope: HandlerScope): HandlerDraft | undefined {
  const { envelope, adapter, params } = document
  const settings = params === undefined ? undefined : toPlain(params)
  const plain = { document, id: envelope.id, displayName: envelope.id, settings }
  const base = { ...plain, settingsAny: undefined, validator: undefined }
  switch (adapter.by) {
    case 'announcement': {
      const announcement = scope.announcements.get(envelope.id)
      return { ...base, adapter: announcement?.name ?? envelope.name, templates: announcement?.templates }
    }
    case 'built-in':
      return draftBuiltin(document, adapter.name.value, { ...base, settings }, scope)
    case 'document':
      return draftOfDocument(document, adapter.name.value, base, scope)
  }
}

type Base = Omit<HandlerDraft, 'adapter' | 'templates'>

function draftBuiltin(
  document: HandlerDocument,
  name: string,
  base: Base,
  { adapters }: HandlerScope,
): HandlerDraft | undefined {
  const { envelope, adapter, params } = document
  const builtin = adapters.get(name)
  const place = adapter.by === 'announcement' ? envelope.root.place : adapter.name.place
  if (builtin === undefined) {
    const known = [...adapters.keys()].sort()
    envelope.report.problem(
      'CONFIG_UNKNOWN_ADAPTER',
      place,
      `Cannot open the handler: no adapter "${name}" is built in; known: ${known.join(', ')}${didYouMean(name, known)}`,
      'correct the name, or run the adapter as a process and give connection.address instead',
    )
    return undefined
  }
  const problems = builtin.check(base.settings)
  reportSettings(document, name, problems)
  if (document.placement === 'unary' && params !== undefined && hasEntries(base.settings))
    envelope.report.problem(
      'CONFIG_SETTINGS_INVALID',
      params.place,
      `Cannot open the handler: Istio's unary services carry params only as an adapter document's descriptor says, and ${name} is built in`,
      'use placement session, or add an adapter document with the descriptor and name it with adapter',
    )
  const displayName = envelope.kind === 'handler' ? `${envelope.name}.${envelope.namespace}` : envelope.id
  const validator = problems.length === 0 ? builtin : undefined
  return { ...base, displayName, adapter: name, templates: builtin.templates, validator }
}

function hasEntries(settings: unknown): boolean {
  return typeof settings === 'object' && settings !== null && Object.keys(settings).length > 0
}

function draftOfDocument(
  document: HandlerDocument,
  reference: string,
  base: Base,
  scope: HandlerScope,
): HandlerDraft | undefined {
  const { envelope, adapter } = document
  const { resources } = scope
  const found = resolve(reference, 'adapter', envelope.namespace, resources.adapters)
  const announced = scope.announcements.get(envelope.id)
  if (found === undefined && announced !== undefined)
    return { ...base, adapter: announced.name, templates: announced.templates }
  if (found === undefined) {
    if (identitiesOf(reference, 'adapter', envelope.namespace).some(id => resources.seen.has(id)))
      return undefined
    const known = [...resources.adapters.keys()].map(id =>
      shortestReference(id, 'adapter', envelope.namespace),
    )
    const place = adapter.by === 'announcement' ? envelope.root.place : adapter.name.place
    const what = `Cannot open the handler: found no adapter document for "${reference}"${didYouMean(reference, known)}`
    if (announcesItself(document, resources))
      envelope.report.problem(
        'CONFIG_ADAPTER_UNREACHABLE',
        place,
        `${what}, and no adapter of this name answers at ${document.connection?.addresses.join(', ')}`,
        'add the adapter document, correct the name, or start the adapter: one that speaks the session says what it is',
      )
    else
      envelope.report.problem(
        'CONFIG_UNKNOWN_ADAPTER',
        place,
        what,
        'add the adapter document, or give the address of an adapter that speaks the session',
      )
    return undefined
  }
  return {
    ...base,
    adapter: found.envelope.id,
    settingsAny: encodeSettings(document, found, scope.configs),
    templates: templatesOf(found, scope),
  }
}

function templatesOf({ envelope, templates }: AdapterDocument, { templates: book }: HandlerScope) {
  return templates.flatMap(({ value }) => book.find(value, envelope.namespace) ?? [])
}

/** Reports what adapter documents name and nobody has. */
export function checkAdapterTemplates({
  resources,
  templates: book,
}: Pick<HandlerScope, 'resources' | 'templates'>): void {
  for (const { envelope, templates } of resources.adapters.values())
    for (const { value, place } of templates) {
      if (book.find(value, envelope.namespace) !== undefined || book.isBroken(value, envelope.namespace))
        continue
      envelope.report.problem(
        'CONFIG_UNKNOWN_TEMPLATE',
        place,
        `Cannot use the adapter: found no template "${value}"${didYouMean(value, book.names())}`,
        'add the template document, or correct the name',
      )
    }
}
