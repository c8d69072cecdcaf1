import type { Instance, Value } from '@outboard/adapters-sdk'
import { valueMapEntries } from '../values/fields.js'
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

  constructor(readonly labelNames: readonly string[]) {}

  /** undefined: the dimensions are not exactly the labels. */
  read(instance: Instance): readonly string[] | undefined {
    const dimensions = valueMapEntries(instance, 'dimensions')
    if (dimensions.length !== this.labelNames.length) return undefined
    const values = new Array<string | undefined>(dimensions.length).fill(undefined)
    for (const [name, value] of dimensions) {
      const place = this.#placeOf(name)
      // Two dimensions may become one name when they are made safe.
      if (place === undefined || values[place] !== undefined) return undefined
      values[place] = valueText(value)
    }
    return values.every(value => value !== undefined) ? values : undefined
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
