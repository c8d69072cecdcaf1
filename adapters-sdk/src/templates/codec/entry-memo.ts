import { Buffer } from 'node:buffer'
import type { FieldValue } from '../../contract.js'
import type { ValueType } from '../../values.js'
import { isValueType, valueOfType } from './value.js'

/** Longer entries are rarely the same twice. */
const longest = 192
/** A power of two. */
const places = 512

type Plain = string | boolean | number | bigint

/** An entry that was read before. */
export interface KnownEntry {
  readonly bytes: Buffer
  readonly name: string
  readonly plain: Plain
  /** The type of the `Value` that wraps it; undefined: nothing does. */
  readonly type: ValueType | undefined
}

/** What a known entry holds; a `Value` is made anew each time, since an adapter may change it. */
export function heldBy({ type, plain }: KnownEntry): FieldValue | undefined {
  return type === undefined ? plain : valueOfType(type, plain)
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
 * boolean is kept.
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

  keep(bytes: Buffer, start: number, end: number, { name, value }: Entry): void {
    if (end - start > longest) return
    const plain = plainOf(value)
    if (plain === undefined) return
    const copy = Buffer.from(bytes.subarray(start, end))
    this.#kept[placeOf(bytes, start, end)] = { bytes: copy, name, ...plain }
  }
}

/** What of a value can be handed out again; undefined: nothing. */
function plainOf(value: FieldValue | undefined): Pick<KnownEntry, 'plain' | 'type'> | undefined {
  if (typeof value !== 'object') return value === undefined ? undefined : { plain: value, type: undefined }
  if (!('type' in value) || !('value' in value) || !isValueType(value.type)) return undefined
  const plain: unknown = value.value
  switch (typeof plain) {
    case 'string':
    case 'boolean':
    case 'number':
    case 'bigint':
      return { plain, type: value.type }
    default:
      return undefined
  }
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
