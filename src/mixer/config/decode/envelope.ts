import { type Language, languageAnnotation, languageOf } from '../../expr/index.js'
import { didYouMean } from '../nearest.js'
import { type Findings, Reporter } from '../report.js'
import { describe, type MapNode, type Node } from '../source/node.js'
import { adapterKinds, isOwnKind, ownKinds, templateKinds } from './kinds.js'
import { purposeOf } from './purpose.js'

/** A document of a kind that we read: who it is, and its content, not yet decoded. */
export interface Envelope {
  readonly kind: string
  readonly name: string
  readonly namespace: string
  /** `name.kind.namespace`: what identifies a resource. */
  readonly id: string
  /** From the annotation `policy.istio.io/lang`; anything else than CEL and COMPAT is the classic language. */
  readonly language: Language
  readonly root: MapNode
  readonly spec: MapNode
  readonly report: Reporter
}

/**
 * Tells who a document is. undefined: it is of a kind that is not ours (a note, so that a misspelt kind is seen), or it
 * has no identity (a problem).
 */
export function openEnvelope(root: Node, findings: Findings): Envelope | undefined {
  const unknown = new Reporter(findings, undefined, () => '')
  if (root.kind !== 'map') {
    unknown.problem(
      'CONFIG_NOT_A_DOCUMENT',
      root.place,
      `Cannot read the document: found ${describe(root)}, wanted a map with kind, metadata and spec`,
      'write a document with kind, metadata and spec, or remove it',
    )
    return undefined
  }
  const kindNode = root.entries.get('kind')?.value
  if (kindNode !== undefined && !isText(kindNode) && !isNothing(kindNode)) {
    unknown.problem(
      'CONFIG_WRONG_TYPE',
      kindNode.place,
      `Cannot read the document: found ${describe(kindNode)} as kind, wanted text`,
      `say what it is, for example kind: ${ownKinds[5]}`,
    )
    return undefined
  }
  const kind = textAt(root, 'kind')
  if (kind === undefined || kind === '') {
    unknown.problem(
      'CONFIG_MISSING_FIELD',
      root.place,
      'Cannot read the document: found no kind',
      `say what it is, for example kind: ${ownKinds[5]}`,
    )
    return undefined
  }
  if (!isOwnKind(kind) && !templateKinds.has(kind) && !adapterKinds.has(kind)) {
    const hint = didYouMean(kind, [...ownKinds, ...templateKinds, ...adapterKinds])
    const place = root.entries.get('kind')?.value.place ?? root.place
    findings.note(place, `ignored: kind "${kind}" is not ours${hint}`)
    return undefined
  }
  const metadata = root.entries.get('metadata')?.value
  const name = metadata && textAt(metadata, 'name')
  const namespace = metadata && textAt(metadata, 'namespace')
  const report = new Reporter(findings, name && namespace ? `${name}.${kind}.${namespace}` : undefined, () =>
    purposeOf(kind, root),
  )
  for (const [field, value] of [
    ['name', name],
    ['namespace', namespace],
  ])
    if (!value)
      report.problem(
        'CONFIG_MISSING_FIELD',
        metadata?.place ?? root.place,
        `Cannot read the ${kind}: found no metadata.${field} (text that is not empty)`,
        `give it a ${field} under metadata; there is no default`,
      )
  const isStrange = reportUnknownKeys(kind, root, report)
  if (!name || !namespace) return undefined
  const spec = root.entries.get('spec')?.value
  // Most likely the unknown key is the spec; without it the document would seem to lack everything.
  if (spec === undefined && isStrange) return undefined
  if (spec !== undefined && spec.kind !== 'map' && !isNothing(spec)) {
    report.problem(
      'CONFIG_WRONG_TYPE',
      spec.place,
      `Cannot read the ${kind}: found ${describe(spec)} as spec, wanted a map`,
      'write the fields below spec, indented',
    )
    return undefined
  }
  const annotations = metadata?.kind === 'map' ? metadata.entries.get('annotations')?.value : undefined
  const written = annotations && textAt(annotations, languageAnnotation)
  return {
    kind,
    name,
    namespace,
    id: `${name}.${kind}.${namespace}`,
    language: languageOf(written, {}),
    root,
    spec: spec?.kind === 'map' ? spec : { kind: 'map', place: spec?.place ?? root.place, entries: new Map() },
    report,
  }
}

/** What a resource holds beside its spec: `status` is written by Kubernetes. */
const outerKeys: readonly string[] = ['apiVersion', 'kind', 'metadata', 'spec', 'status']

/** A misspelt `spec` must not load as an empty one. Answers whether there were unknown keys. */
function reportUnknownKeys(kind: string, root: MapNode, report: Reporter): boolean {
  let found = false
  for (const [key, { keyPlace }] of root.entries) {
    if (outerKeys.includes(key)) continue
    found = true
    report.problem(
      'CONFIG_UNKNOWN_FIELD',
      keyPlace,
      `Cannot read the ${kind}: found the unknown key "${key}"; known: ${outerKeys.join(', ')}${didYouMean(key, outerKeys)}`,
      'correct the spelling, indent it below spec, or remove it',
    )
  }
  return found
}

function isText(node: Node): boolean {
  return node.kind === 'scalar' && typeof node.value === 'string'
}

function isNothing(node: Node): boolean {
  return node.kind === 'scalar' && node.value === null
}

function textAt(node: Node, key: string): string | undefined {
  const value = node.kind === 'map' ? node.entries.get(key)?.value : undefined
  return value?.kind === 'scalar' && typeof value.value === 'string' ? value.value : undefined
}
