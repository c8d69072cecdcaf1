import type { ASTNode } from '@marcbachmann/cel-js'
import type { Slot, ValueType, Vocabulary } from '../../attributes/index.js'

/** What a dotted name of a CEL expression means. */
export type Meaning =
  | { readonly kind: 'attribute'; readonly slot: Slot; readonly type: ValueType }
  /** A key of a string map, written as a field. */
  | { readonly kind: 'field'; readonly slot: Slot; readonly key: string }
  /** The beginning of declared names, a message to upstream. */
  | { readonly kind: 'prefix' }
  | { readonly kind: 'unknown' }

/** What a dotted name means; the longest declared name wins. */
export function meaningOf(parts: readonly string[], vocabulary: Vocabulary): Meaning {
  const name = parts.join('.')
  const slot = vocabulary.slot(name)
  if (slot !== undefined) return { kind: 'attribute', slot, type: vocabulary.type(slot) }
  const key = parts.at(-1)
  const map = vocabulary.slot(parts.slice(0, -1).join('.'))
  if (key !== undefined && map !== undefined && vocabulary.type(map) === 'STRING_MAP')
    return { kind: 'field', slot: map, key }
  const isPrefix = vocabulary.names().some(known => known.startsWith(`${name}.`))
  return { kind: isPrefix ? 'prefix' : 'unknown' }
}

/** The parts of a dotted name; undefined for every other expression. */
export function nameParts(node: ASTNode): string[] | undefined {
  if (node.op === 'id') return [node.args]
  if (node.op !== '.') return undefined
  const left = nameParts(node.args[0])
  return left === undefined ? undefined : [...left, node.args[1]]
}

/** Whether an expression is a string map, as far as its form shows; `bound` holds the variables of macros around it. */
export function isMapNode(vocabulary: Vocabulary, node: ASTNode, bound: ReadonlySet<string>): boolean {
  const parts = nameParts(node)
  if (parts !== undefined) {
    if (bound.has(parts[0] ?? '')) return false
    const meaning = meaningOf(parts, vocabulary)
    return meaning.kind === 'attribute' && meaning.type === 'STRING_MAP'
  }
  if (node.op === '?:') return isMapNode(vocabulary, node.args[1], bound)
  if (node.op !== 'call') return false
  const [name, args] = node.args
  const branch = name === 'conditional' ? args[1] : name === 'pick' ? args[0] : undefined
  return name === 'emptyStringMap' || (branch !== undefined && isMapNode(vocabulary, branch, bound))
}
