import type { Place } from './place.js'

/** A document as read: plain values, each of which knows where it stands. */
export type Node = ScalarNode | ListNode | MapNode

export interface ScalarNode {
  readonly kind: 'scalar'
  readonly place: Place
  /** Integers beyond 2^53 are `bigint`. */
  readonly value: string | number | bigint | boolean | null
}

export interface ListNode {
  readonly kind: 'list'
  readonly place: Place
  readonly items: readonly Node[]
}

export interface MapNode {
  readonly kind: 'map'
  readonly place: Place
  readonly entries: ReadonlyMap<string, MapEntry>
}

export interface MapEntry {
  readonly keyPlace: Place
  readonly value: Node
}

/** JSON-like data, as adapters and templates take their parameters. Integers beyond 2^53 become decimal text. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain }

export function toPlain(node: Node): Plain {
  switch (node.kind) {
    case 'scalar':
      return typeof node.value === 'bigint' ? node.value.toString() : node.value
    case 'list':
      return node.items.map(toPlain)
    case 'map':
      // Not an assignment loop: a key `__proto__` must stay a key.
      return Object.fromEntries([...node.entries].map(([key, { value }]) => [key, toPlain(value)]))
  }
}

/** What a node is, in the words of a message. */
export function describe(node: Node): string {
  switch (node.kind) {
    case 'list':
      return `a list of ${node.items.length}`
    case 'map':
      return 'a map'
    case 'scalar': {
      const { value } = node
      if (value === null) return 'nothing'
      if (typeof value === 'string') return `the text ${quote(value)}`
      return typeof value === 'boolean' ? `${value}` : `the number ${value}`
    }
  }
}

/** A text in quotes, cut to what a message can bear. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}…` : text)
}

/**
 * The place of a path below a node: the deepest node on it that is there. Fields are found in both spellings.
 */
export function placeOf(node: Node, path: readonly (string | number)[]): Place {
  let here = node
  for (const step of path) {
    const next =
      here.kind === 'list'
        ? here.items[Number(step)]
        : here.kind === 'map'
          ? entryNamed(here, String(step))
          : undefined
    if (next === undefined) break
    here = next
  }
  return here.place
}

/** The steps of a path as adapters write it: `quotas[0].maxAmount`, `metrics["a.b"].kind`. */
export function stepsOf(path: string): (string | number)[] {
  const steps: (string | number)[] = []
  for (const [, field, quoted, index] of path.matchAll(/([^.[\]"]+)|\["([^"]*)"\]|\[(\d+)\]/g))
    steps.push(index === undefined || field !== undefined ? (field ?? quoted ?? '') : Number(index))
  return steps
}

function entryNamed(map: MapNode, name: string): Node | undefined {
  return (map.entries.get(name) ?? map.entries.get(camelCase(name)) ?? map.entries.get(snakeCase(name)))
    ?.value
}

/** `valid_use_count` → `validUseCount`. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

/** `validUseCount` → `valid_use_count`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
}
