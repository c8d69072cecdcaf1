import type { Instance, Value } from '@outboard/adapters-sdk'
import { valueMapField } from '../values/fields.js'
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
 * Reads the label values of instances in the order of the metric's label names (sorted). The names of the dimensions
 * are made safe first, as those of the labels were; upstream forgets this and fails on `source.ip`.
 */
export class LabelReader {
  /** The dimensions that were seen last, and at which place each stands in the order of the labels. */
  #seen: { readonly names: readonly string[]; readonly places: readonly number[] | undefined } | undefined

  constructor(readonly labelNames: readonly string[]) {}

  /** undefined: the dimensions are not exactly the labels. */
  read(instance: Instance): readonly string[] | undefined {
    const dimensions = valueMapField(instance, 'dimensions')
    const names = dimensions.map(([name]) => name)
    // The dimensions of an instance hardly ever change: they are matched with the labels once.
    if (this.#seen === undefined || !isSameList(this.#seen.names, names)) {
      this.#seen = { names, places: this.#placesOf(names) }
    }
    const { places } = this.#seen
    if (places === undefined) return undefined
    const values = new Array<string>(places.length).fill('')
    for (const [i, [, value]] of dimensions.entries()) values[places[i] ?? 0] = valueText(value)
    return values
  }

  #placesOf(names: readonly string[]): readonly number[] | undefined {
    const places = names.map(name => this.labelNames.indexOf(safeName(name)))
    const isExact = names.length === this.labelNames.length && new Set(places).size === places.length
    return isExact && !places.includes(-1) ? places : undefined
  }
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, i) => name === b[i])
}
