import { valueTypes } from '@outboard/adapters-sdk'
import { type Declaration, type ValueType, Vocabulary } from '../../attributes/index.js'
import type { ManifestDocument } from '../decode/registry.js'
import { extensionAttributes, standardAttributes } from './standard.js'

/**
 * The built-in attributes: Istio's, then ours, each by name. They come first in every vocabulary, so that their slots
 * are the same in all snapshots.
 */
export const builtinDeclarations: readonly Declaration[] = [standardAttributes, extensionAttributes].flatMap(
  group =>
    valueTypes
      .flatMap(type => (group[type] ?? []).map(name => ({ name, type })))
      .sort((a, b) => compareText(a.name, b.name)),
)

/**
 * The vocabulary of a snapshot: the built-in attributes, and those of all manifests in all namespaces. A manifest may
 * repeat a built-in attribute, with another type too: then the manifest's holds. Two manifests must agree.
 */
export function buildVocabulary(manifests: readonly ManifestDocument[]): Vocabulary {
  const declared = new Map<string, { readonly type: ValueType; readonly by: string }>()
  for (const { envelope, attributes } of manifests)
    for (const { name, type, place } of attributes) {
      const before = declared.get(name)
      if (before === undefined) declared.set(name, { type, by: envelope.id })
      else if (before.type !== type)
        envelope.report.problem(
          'CONFIG_ATTRIBUTE_CONFLICT',
          place,
          `Cannot declare the attribute "${name}": found ${type}, but ${before.by} says ${before.type}`,
          'declare it once, or with one type',
        )
    }
  const builtin = builtinDeclarations.map(({ name, type }) => ({
    name,
    type: declared.get(name)?.type ?? type,
  }))
  const known = new Set(builtin.map(({ name }) => name))
  const added = [...declared]
    .filter(([name]) => !known.has(name))
    .map(([name, { type }]) => ({ name, type }))
    .sort((a, b) => compareText(a.name, b.name))
  return new Vocabulary([...builtin, ...added])
}

/** By code units: the same order on every host, whatever its language. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
