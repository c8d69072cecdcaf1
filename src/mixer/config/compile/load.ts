import { builtinTemplate, type TemplateDefinition, templateFromDescriptorSet } from '@outboard/adapters-sdk'
import type { Language } from '../../expr/index.js'
import { ApiAttributeRules } from '../callers/api.js'
import { noteUnknownQuotas } from '../callers/quota-names.js'
import { QuotaCharges } from '../callers/quotas.js'
import { IndexedRules, inRuleOrder } from '../index/rule-table.js'
import { type AdapterDirectory, type Announcement, type BuiltinAdapters, noDirectory } from '../ports.js'
import type { Note, Problem } from '../problem.js'
import { Findings } from '../report.js'
import type { Rule, Snapshot } from '../snapshot.js'
import { defaultLimits, type SourceLimits } from '../source/limits.js'
import type { Location } from '../source/place.js'
import type { ReadSource } from '../source/read.js'
import { readDocuments } from '../source/read.js'
import { NotWanted, noTurns, type Turns } from '../turns.js'
import { buildVocabulary } from '../vocabulary/build.js'
import { readAdapterConfigs } from './adapter-settings.js'
import { canonical, hash, templateFacts } from './canonical.js'
import { announcesItself, checkAdapterTemplates, draftHandlers } from './handlers.js'
import { compileInstances } from './instances.js'
import { link } from './link.js'
import { type Resources, readResources } from './resources.js'
import { draftRules } from './rules.js'
import { settingsPlace, validateSettings } from './settings.js'
import { TemplateBook } from './templates.js'

export interface LoadOptions {
  /** The adapters that this process can run. */
  readonly adapters: BuiltinAdapters
  /** Asks adapters at addresses what they are. Default: knows nobody. */
  readonly directory?: AdapterDirectory
  /** The namespace whose rules apply to every request. Default: `istio-system`. */
  readonly defaultNamespace?: string
  /** The language of all expressions, whatever their documents say. Default: each document's own. */
  readonly language?: Language | undefined
  /** The number of the snapshot. Default: 0. */
  readonly id?: number
  readonly limits?: SourceLimits
}

/** All or nothing: a snapshot, or everything that is wrong. */
export type Loaded =
  | {
      readonly kind: 'loaded'
      readonly snapshot: Snapshot
      /** All rules in their order, for explaining: the snapshot itself only finds those that match. */
      readonly rules: readonly Rule[]
      /** The language of each rule, by name. */
      readonly ruleLanguages: ReadonlyMap<string, Language>
      readonly defaultNamespace: string
      /**
       * Where a handler's settings, or the field of a path below them, stand; undefined: no such handler. It holds on to
       * the documents: forget it when the handlers are open.
       */
      readonly locate: (handler: string, path: string) => Location | undefined
      readonly notes: readonly Note[]
      readonly counts: LoadCounts
    }
  | {
      readonly kind: 'refused'
      readonly problems: readonly [Problem, ...Problem[]]
      /** More than are listed, when there are very many. */
      readonly problemCount: number
      readonly notes: readonly Note[]
    }

/** How much was compiled. */
export interface LoadCounts {
  readonly attributes: number
  readonly templates: number
  readonly adapters: number
  readonly handlers: number
  readonly instances: number
  readonly rules: number
}

/**
 * Compiles configuration texts into a snapshot. Every problem is collected; with one or more there is no snapshot.
 * Independent of the order of files and documents. Never rejects.
 */
export function loadSnapshot(sources: readonly ReadSource[], options: LoadOptions): Promise<Loaded> {
  return load(sources, options, noTurns)
}

/** The same for a process that has other things to do meanwhile. undefined: it was not wanted to the end. */
export async function loadInTurns(
  sources: readonly ReadSource[],
  options: LoadOptions,
  turns: Turns,
): Promise<Loaded | undefined> {
  try {
    return await load(sources, options, turns)
  } catch (cause) {
    if (cause instanceof NotWanted) return undefined
    throw cause
  }
}

async function load(sources: readonly ReadSource[], options: LoadOptions, turns: Turns): Promise<Loaded> {
  const { adapters, directory = noDirectory, defaultNamespace = 'istio-system', language, id = 0 } = options
  const findings = new Findings()
  const documents = await readDocuments(sources, options.limits ?? defaultLimits, findings, turns)
  const resources = await readResources(documents, findings, turns)
  const vocabulary = buildVocabulary(resources.manifests)
  if (!resources.isComplete) return refused(findings)
  const templates = new TemplateBook(resources, builtinTemplate, templateFromDescriptorSet)
  const { announcements, unreachable } = await ask(resources, directory)
  for (const { templates: announced } of announcements.values()) templates.announce(announced)
  const scope = { resources, templates, adapters, announcements, vocabulary, unreachable, language, turns }
  checkAdapterTemplates(scope)
  const handlers = await draftHandlers({ ...scope, configs: readAdapterConfigs(resources) })
  const instances = await compileInstances(scope)
  const linked = await link(await draftRules({ ...scope, handlers, instances }), turns)
  await validateSettings(handlers.values(), linked.handlers, turns)
  const callerQuotas = new QuotaCharges(resources, vocabulary)
  const api = new ApiAttributeRules(resources, vocabulary)
  if (findings.problemCount > 0) return refused(findings)
  noteUnknownQuotas(resources.quotaSpecs.values(), linked.rules)
  const used = new Set([...instances.values()].map(({ template }) => template))
  return {
    kind: 'loaded',
    snapshot: {
      id,
      revision: revisionOf(resources, vocabulary.fingerprint, defaultNamespace, language, used),
      vocabulary,
      handlers: linked.handlers,
      rules: await IndexedRules.of(linked.rules, vocabulary, defaultNamespace, turns),
      callerQuotas,
      api,
    },
    rules: await inRuleOrder(linked.rules, defaultNamespace, turns),
    ruleLanguages: new Map(
      resources.rules.map(({ envelope }) => [envelope.id, language ?? envelope.language]),
    ),
    defaultNamespace,
    locate: (handler, path) => {
      const document = resources.handlers.get(handler)
      return document && settingsPlace(document, path).location()
    },
    notes: findings.notes,
    counts: {
      attributes: vocabulary.size,
      templates: resources.templates.size,
      adapters: resources.adapters.size,
      handlers: resources.handlers.size,
      instances: resources.instances.size,
      rules: resources.rules.length,
    },
  }
}

function refused({ problems, problemCount, notes }: Findings): Loaded {
  const [first, ...others] = problems.sort(byPlace)
  if (first === undefined) throw new TypeError('a configuration is refused without a problem')
  return { kind: 'refused', problems: [first, ...others], problemCount, notes }
}

/** Asks the adapters of those handlers that no document describes, all at once. */
async function ask(resources: Resources, directory: AdapterDirectory) {
  const announcements = new Map<string, Announcement>()
  const unreachable: string[] = []
  const handlers = [...resources.handlers.values()].filter(handler => announcesItself(handler, resources))
  const answers = await Promise.all(
    handlers.map(({ connection, adapter }) =>
      connection === undefined
        ? undefined
        : directory
            .announcement(connection, adapter.by === 'document' ? adapter.name.value : undefined)
            .catch(() => undefined),
    ),
  )
  for (const [i, { envelope }] of handlers.entries()) {
    const answer = answers[i]
    if (answer === undefined) unreachable.push(envelope.id)
    else announcements.set(envelope.id, answer)
  }
  return { announcements, unreachable }
}

/** Everything that decides what the snapshot does, and nothing of this host. */
function revisionOf(
  { contentHash }: Resources,
  vocabulary: string,
  defaultNamespace: string,
  language: Language | undefined,
  templates: ReadonlySet<TemplateDefinition>,
): string {
  const shapes = [...templates].map(template => canonical(templateFacts(template))).sort()
  return hash(canonical([contentHash, vocabulary, defaultNamespace, language, shapes]))
}

function byPlace(a: Problem, b: Problem): number {
  if (a.at.file !== b.at.file) return a.at.file < b.at.file ? -1 : 1
  return a.at.line - b.at.line || a.at.column - b.at.column
}
