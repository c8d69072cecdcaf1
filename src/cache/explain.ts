import type { Generation } from './generation.js'
import type { CacheMeters } from './meters.js'
import type { Shape } from './shape.js'

/** Entries that are looked at, the most recently used ones; so many that a split shows, so few that it takes no time. */
const sampleSize = 5_000
/** An attribute with so many values for each hundred entries makes most entries different from each other. */
const splittingPercent = 50

/** What the cache holds, and which attributes make its entries differ. */
export interface Explanation {
  readonly entries: number
  readonly bytes: number
  /** 0..1 since start. */
  readonly hitRatio: number
  readonly shapes: readonly { readonly looksAt: readonly string[]; readonly entries: number }[]
  /** Attributes by how many values they have among the entries looked at, most first. */
  readonly splits: readonly Split[]
}

export interface Split {
  /** `name` or `name[key]`. */
  readonly attribute: string
  readonly values: number
  /** Entries looked at in which it takes part. */
  readonly entries: number
  /** What a rule author can do; undefined when there is nothing to mend. */
  readonly advice: string | undefined
}

export function explain(generation: Generation | undefined, meters: CacheMeters): Explanation {
  const values = new Map<string, { readonly seen: Set<string>; entries: number }>()
  const byShape = new Map<Shape, number>()
  if (generation !== undefined)
    for (const { shape, parts } of generation.sample(sampleSize)) {
      byShape.set(shape, (byShape.get(shape) ?? 0) + 1)
      for (const [name, part] of parts) {
        let of = values.get(name)
        if (of === undefined) {
          of = { seen: new Set(), entries: 0 }
          values.set(name, of)
        }
        of.seen.add(part)
        of.entries++
      }
    }
  return {
    entries: generation?.size ?? 0,
    bytes: generation?.bytes ?? 0,
    hitRatio: meters.hitRatio,
    shapes: [...byShape].map(([shape, entries]) => ({ looksAt: shape.print(), entries })),
    splits: [...values]
      .map(([attribute, { seen, entries }]) => ({
        attribute,
        values: seen.size,
        entries,
        advice: adviceFor(attribute, seen.size, entries),
      }))
      .sort((a, b) => b.values - a.values),
  }
}

function adviceFor(attribute: string, values: number, entries: number): string | undefined {
  if (entries < 100 || values * 100 < entries * splittingPercent) return undefined
  const name = attribute.replace(/\[.*$/, '')
  if (name.endsWith('.time') || name === 'context.timestamp')
    return `"${attribute}" differs in every request, so no answer is ever used twice: leave it out of check rules and instances.`
  if (name === 'request.path' || name === 'request.url_path')
    return `"${attribute}" has nearly as many values as there are entries (ids in paths, query strings): match a part of it with startsWith or match, use request.url_path without the query, or name operations with an HTTPAPISpec and use api.operation.`
  if (name === 'request.id' || name.startsWith('connection.id') || attribute.includes('request-id'))
    return `"${attribute}" identifies one request: leave it out of check rules and instances, and report it instead.`
  return `"${attribute}" has nearly as many values as there are entries: use it only in the rules that need it, behind a test that most requests fail first.`
}
