import { Buffer } from 'node:buffer'
import type { FieldValue } from '../../contract.js'
import { isValueType } from './value.js'

/** Longer entries are rarely the same twice. */
const longest = 192
/** A power of two. */
const places = 512

/** An entry that was read before. */
export interface KnownEntry {
  readonly bytes: Buffer
  readonly name: string
  /** A text, number or boolean, or a frozen `Value` of one. */
  readonly value: FieldValue
  /** Where it is kept: the same for the same bytes. */
  readonly place: number
}

/** An entry of a map. */
export interface Entry {
  readonly name: string
  readonly value: FieldValue | undefined
}

/**
 * Entries of one map field that were read before, by their bytes: most dimensions of a metric are the same in one instance
 * after the other, and comparing bytes costs less than reading them. At most 512 entries of at most 192 bytes are kept; one
 * goes when another takes its place. Nothing that an adapter could change is shared: only what holds a text, number or
 * boolean is kept, and a `Value` of it is frozen.
 */
export class EntryMemo {
  readonly #kept = new Array<KnownEntry | undefined>(places).fill(undefined)

  /** The entry that stands there; undefined: not known, read it. */
  find(bytes: Buffer, start: number, end: number): KnownEntry | undefined {
    const kept = this.#kept[placeOf(bytes, start, end)]
    if (kept === undefined || kept.bytes.length !== end - start) return undefined
    const known = kept.bytes
    // From behind: names of entries are alike, values differ.
    for (let i = known.length - 1; i >= 0; i--) if (known[i] !== bytes[start + i]) return undefined
    return kept
  }

  /** Answers the entry as it is kept; undefined: it is not. */
  keep(bytes: Buffer, start: number, end: number, { name, value }: Entry): KnownEntry | undefined {
    if (end - start > longest || !holdsPlain(value)) return undefined
    if (typeof value === 'object') Object.freeze(value)
    const place = placeOf(bytes, start, end)
    const entry = { bytes: Buffer.from(bytes.subarray(start, end)), name, value, place }
    this.#kept[place] = entry
    return entry
  }
}

/** Whether nothing inside could be changed once the outermost object is frozen. */
function holdsPlain(value: FieldValue | undefined): value is FieldValue {
  if (typeof value !== 'object') return value !== undefined
  return 'type' in value && 'value' in value && isValueType(value.type) && typeof value.value !== 'object'
}

/** From some of the bytes: entries differ in their length, in what their name is, and at the end of their value. */
function placeOf(bytes: Buffer, start: number, end: number): number {
  let hash = end - start
  for (let i = Math.max(start, end - 4); i < end; i++) hash = Math.imul(hash, 31) + (bytes[i] ?? 0)
  hash = Math.imul(hash, 31) + (bytes[start + 4] ?? 0)
  hash = Math.imul(hash, 31) + (bytes[start + 12] ?? 0)
  hash = Math.imul(hash, 31) + (bytes[(start + end) >>> 1] ?? 0)
  return (hash ^ (hash >>> 15)) & (places - 1)
}
