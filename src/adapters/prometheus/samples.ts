import type { Instance, Value } from '@outboard/adapters-sdk'
import { isValue, mapOf } from '../values/fields.js'
import { valueText } from '../values/text.js'
import { safeName } from './names.js'

/** A label value longer than this is refused; one request's path must not fill the memory. UTF-16 units. */
export const longestLabel = 4_096

/** The number that a metric's value is: numbers, durations in seconds, and texts that are numbers. */
export function sampleOf(value: Value | undefined): number | undefined {
  const number = numberOf(value)
  return number !== undefined && Number.isFinite(number) ? number : undefined
}

function numberOf(value: Value | undefined): number | undefined {
  switch (value?.type) {
    case 'DOUBLE':
      return value.value
    case 'INT64':
      return Number(value.value)
    case 'DURATION':
      return Number(value.value) / 1e9
    case 'STRING':
      return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value.value) ? Number(value.value) : undefined
    case 'BOOL':
    case 'TIMESTAMP':
    case 'IP_ADDRESS':
    case 'EMAIL_ADDRESS':
    case 'URI':
    case 'DNS_NAME':
    case 'STRING_MAP':
    case undefined:
      return undefined
  }
}

/**
 * Reads the label values of instances in the order of the metric's label names. The names of the dimensions are made
 * safe first, as those of the labels were; upstream forgets this and fails on `source.ip`.
 */
export class LabelReader {
  /** The places of dimension names that were seen; names that are no label are not kept. */
  readonly #places = new Map<string, number>()
  /** By position, the dimension that stood there last and its place: a host sends them in one order. */
  readonly #order: { readonly name: string; readonly place: number }[] = []

  constructor(readonly labelNames: readonly string[]) {}

  /** undefined: the dimensions are not exactly the labels. */
  read(instance: Instance): readonly string[] | undefined {
    const dimensions = mapOf(instance, 'dimensions')
    const values = new Array<string>(this.labelNames.length)
    if (dimensions === undefined) return values.length === 0 ? values : undefined
    let found = 0
    for (const name of Object.keys(dimensions)) {
      const value = dimensions[name]
      if (!isValue(value)) continue
      if (found === values.length) return undefined
      const place = this.#placeAt(found++, name)
      // Two dimensions may become one name when they are made safe.
      if (place === undefined || values[place] !== undefined) return undefined
      values[place] = valueText(value)
    }
    return found === values.length ? values : undefined
  }

  #placeAt(position: number, dimension: string): number | undefined {
    const last = this.#order[position]
    if (last !== undefined && last.name === dimension) return last.place
    const place = this.#placeOf(dimension)
    if (place !== undefined) this.#order[position] = { name: dimension, place }
    return place
  }

  #placeOf(dimension: string): number | undefined {
    const known = this.#places.get(dimension)
    if (known !== undefined) return known
    const place = this.labelNames.indexOf(safeName(dimension))
    if (place < 0) return undefined
    // Each label has few spellings; a host that sends many gets none of them remembered.
    if (this.#places.size < 4 * this.labelNames.length) this.#places.set(dimension, place)
    return place
  }
}
