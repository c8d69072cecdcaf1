import { createHash } from 'node:crypto'
import {
  type ApiSpecBindingDocument,
  type ApiSpecDocument,
  readApiSpec,
  readApiSpecBinding,
} from '../decode/api-spec.js'
import { type Envelope, openEnvelope } from '../decode/envelope.js'
import { type HandlerDocument, readHandler, readLegacyHandler } from '../decode/handler.js'
import { type InstanceDocument, readInstance, readLegacyInstance } from '../decode/instance.js'
import { isOwnKind, templateKinds } from '../decode/kinds.js'
import {
  type QuotaSpecBindingDocument,
  type QuotaSpecDocument,
  readQuotaSpec,
  readQuotaSpecBinding,
} from '../decode/quota-spec.js'
import {
  type AdapterDocument,
  type ManifestDocument,
  readAdapter,
  readManifest,
  readTemplate,
  type TemplateDocument,
} from '../decode/registry.js'
import { type RuleDocument, readRule } from '../decode/rule.js'
import type { Findings } from '../report.js'
import { sortInTurns } from '../sort-in-turns.js'
import type { Node } from '../source/node.js'
import { mapInTurns, type Turns } from '../turns.js'
import { compareText } from '../vocabulary/build.js'
import { canonical, canonicalNode } from './canonical.js'

/** All documents of one load, decoded, each kind in the order of identities: files and folders have no say. */
export interface Resources {
  readonly manifests: readonly ManifestDocument[]
  readonly templates: ReadonlyMap<string, TemplateDocument>
  readonly adapters: ReadonlyMap<string, AdapterDocument>
  readonly handlers: ReadonlyMap<string, HandlerDocument>
  readonly instances: ReadonlyMap<string, InstanceDocument>
  readonly rules: readonly RuleDocument[]
  readonly quotaSpecs: ReadonlyMap<string, QuotaSpecDocument>
  readonly quotaSpecBindings: readonly QuotaSpecBindingDocument[]
  readonly apiSpecs: ReadonlyMap<string, ApiSpecDocument>
  readonly apiSpecBindings: readonly ApiSpecBindingDocument[]
  /** Every document's identity, the unreadable ones too: a reference to one of those is no further mistake. */
  readonly seen: ReadonlySet<string>
  /**
   * Whether every document could be told what it is, and every manifest read. Otherwise each reference and each
   * expression that needs the missing ones would be a problem too, and hide the real one.
   */
  readonly isComplete: boolean
  /** A hash over the content of all documents, whatever their order, comments and spelling of YAML. */
  readonly contentHash: string
}

/** Decodes documents by their kinds. Two documents of one identity are a problem. */
export async function readResources(
  documents: readonly Node[],
  findings: Findings,
  turns: Turns,
): Promise<Resources> {
  const envelopes = new Map<string, Envelope>()
  for (const envelope of await mapInTurns(documents, turns, document => openEnvelope(document, findings))) {
    if (envelope === undefined) continue
    const before = envelopes.get(envelope.id)
    if (before === undefined) envelopes.set(envelope.id, envelope)
    else {
      const { file, line } = before.root.place.location()
      envelope.report.problem(
        'CONFIG_DUPLICATE_RESOURCE',
        envelope.root.place,
        `Cannot take the document: ${envelope.id} stands already at ${file}:${line}`,
        'remove one of the two, or give it another name',
      )
    }
  }
  const areIdentified = findings.problemCount === 0
  const ordered = await sortInTurns([...envelopes.values()], turns, (a, b) => compareText(a.id, b.id))
  const those = async <T>(
    isMeant: (envelope: Envelope) => boolean,
    read: (envelope: Envelope) => T | undefined,
  ): Promise<T[]> =>
    (await mapInTurns(ordered.filter(isMeant), turns, read)).filter(document => document !== undefined)
  const kind = <T>(wanted: string, read: (envelope: Envelope) => T | undefined) =>
    those(envelope => envelope.kind === wanted, read)
  const older = (envelope: Envelope) => !isOwnKind(envelope.kind)
  const problemsBefore = findings.problemCount
  const manifests = await kind('attributemanifest', readManifest)
  return {
    manifests,
    isComplete: areIdentified && findings.problemCount === problemsBefore,
    templates: byId(await kind('template', readTemplate)),
    adapters: byId(await kind('adapter', readAdapter)),
    handlers: byId([
      ...(await kind('handler', readHandler)),
      ...(await those(each => older(each) && !templateKinds.has(each.kind), readLegacyHandler)),
    ]),
    instances: byId([
      ...(await kind('instance', readInstance)),
      ...(await those(each => older(each) && templateKinds.has(each.kind), readLegacyInstance)),
    ]),
    rules: await kind('rule', readRule),
    quotaSpecs: byId(await kind('QuotaSpec', readQuotaSpec)),
    quotaSpecBindings: await kind('QuotaSpecBinding', readQuotaSpecBinding),
    apiSpecs: byId(await kind('HTTPAPISpec', readApiSpec)),
    apiSpecBindings: await kind('HTTPAPISpecBinding', readApiSpecBinding),
    seen: new Set(envelopes.keys()),
    contentHash: await contentHash(ordered, turns),
  }
}

function byId<T extends { readonly envelope: Envelope }>(documents: readonly T[]): Map<string, T> {
  const sorted = [...documents].sort((a, b) => compareText(a.envelope.id, b.envelope.id))
  return new Map(sorted.map(document => [document.envelope.id, document]))
}

async function contentHash(envelopes: readonly Envelope[], turns: Turns): Promise<string> {
  const hash = createHash('sha256')
  await mapInTurns(envelopes, turns, ({ id, language, spec }) => {
    hash.update(canonical([id, language])).update(canonicalNode(spec))
  })
  return hash.digest('hex')
}
