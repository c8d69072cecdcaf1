import type { FieldValue, Trust } from '@outboard/adapters-sdk'
import type { AttributeValue } from '../../attributes/index.js'
import { EvalFailure } from '../../expr/index.js'
import type { Leaf } from './leaf-form.js'
import type { ValueItem } from './plan.js'

/** Longer texts are rarely the same twice. UTF-16 units. */
const longest = 128
/** A power of two. At most this many fields are kept. */
const places = 2_048

/** What a value is in a record. */
export interface KnownField {
  readonly leaf: Leaf
  readonly value: AttributeValue
  /** Cannot be changed: a text, number or boolean, or a frozen `Value` of one. */
  readonly field: FieldValue
  /** Where it is kept, which is the same for the same leaf and value; `notKept`: nowhere. */
  readonly place: number
}

export const notKept = -1

const kept = new Array<KnownField | undefined>(places).fill(undefined)

/**
 * The field that an item makes of a value, made once for as long as it is kept: values of dimensions are few. undefined: not
 * one to give out again, because it is long, or has an object inside that could be changed.
 *
 * @param trust of the entry in whose place it stands: one whose values are ever new has none of them kept.
 */
export function knownField(
  item: ValueItem,
  value: AttributeValue,
  trust: Trust,
): KnownField | EvalFailure | undefined {
  if (typeof value === 'object' || (typeof value === 'string' && value.length > longest)) return undefined
  const place = placeOf(value)
  const known = kept[place]
  if (known !== undefined && known.leaf === item.leaf && Object.is(known.value, value)) {
    trust.earn()
    return known
  }
  if (!trust.spend()) return fieldOf(item, value, notKept)
  const made = fieldOf(item, typeof value === 'string' ? ownText(value) : value, place)
  if (!(made instanceof EvalFailure)) kept[place] = made
  return made
}

function fieldOf(item: ValueItem, value: AttributeValue, place: number): KnownField | EvalFailure {
  const field = item.buildValue(value)
  if (field instanceof EvalFailure) return field
  if (typeof field === 'object') Object.freeze(field)
  return { leaf: item.leaf, value, field, place }
}

/** The same text, which keeps no other alive: V8 makes a part of a text as a view of the whole, which may be large. */
function ownText(text: string): string {
  return ` ${text}`.slice(1)
}

function placeOf(value: Exclude<AttributeValue, object>): number {
  switch (typeof value) {
    case 'string':
      return textPlace(value)
    case 'boolean':
      return value ? 1 : 0
    case 'number':
      return mixed(value | 0)
    case 'bigint':
      return mixed(Number(BigInt.asIntN(32, value)))
  }
}

/** From some of the characters: the ends of texts differ most. */
function textPlace(text: string): number {
  const { length } = text
  let hash = length
  for (let i = Math.max(0, length - 6); i < length; i++) hash = Math.imul(hash, 31) + text.charCodeAt(i)
  if (length > 0) {
    hash = Math.imul(hash, 31) + text.charCodeAt(0)
    hash = Math.imul(hash, 31) + text.charCodeAt(length >>> 1)
  }
  return mixed(hash)
}

function mixed(hash: number): number {
  return (hash ^ (hash >>> 15)) & (places - 1)
}
