import { type FieldRecord, type Instance, Trust } from '@outboard/adapters-sdk'
import { isValue, mapOf } from '../values/fields.js'
import { valueText } from '../values/text.js'
import { type Labels, labelsOf } from './labels.js'
import { safeName } from './names.js'

/** A label value longer than this is refused; one request's path must not fill the memory. UTF-16 units. */
const longestLabel = 4_096
/** Dimensions whose labels are remembered; when there are more, all are forgotten. */
const mostRemembered = 256

/** Why the dimensions of an instance are not the labels of its metric. */
export type LabelRefusal = 'label-mismatch' | 'label-too-long'

/**
 * Reads the label values of instances in the order of the metric's label names. The names of the dimensions are made
 * safe first, as those of the labels were; upstream forgets this and fails on `source.ip`.
 */
export class LabelReader {
  /** The places of dimension names that were seen; names that are no label are not kept. */
  readonly #places = new Map<string, number>()
  /** By position, the dimension that stood there last and its place: a host sends them in one order. */
  readonly #order: { readonly name: string; readonly place: number }[] = []
  /** Dimensions that cannot change: metrics of one request have the same ones, and those of others often come again. */
  readonly #remembered = new Map<FieldRecord, Labels>()
  readonly #trust = new Trust()
  #last: { readonly dimensions: FieldRecord; readonly labels: Labels } | undefined

  constructor(readonly labelNames: readonly string[]) {}

  read(instance: Instance): Labels | LabelRefusal {
    const dimensions = mapOf(instance, 'dimensions')
    if (dimensions === undefined) return this.labelNames.length === 0 ? labelsOf([]) : 'label-mismatch'
    if (this.#last?.dimensions === dimensions) return this.#last.labels
    const remembered = this.#remembered.get(dimensions)
    if (remembered !== undefined) {
      this.#trust.earn()
      return remembered
    }
    const values = this.#valuesOf(dimensions)
    if (values === undefined) return 'label-mismatch'
    if (values.some(value => value.length > longestLabel)) return 'label-too-long'
    const labels = labelsOf(values)
    if (Object.isFrozen(dimensions)) this.#remember(dimensions, labels)
    return labels
  }

  #remember(dimensions: FieldRecord, labels: Labels): void {
    this.#last = { dimensions, labels }
    if (!this.#trust.spend()) return
    if (this.#remembered.size >= mostRemembered) this.#remembered.clear()
    this.#remembered.set(dimensions, labels)
  }

  /** undefined: the dimensions are not exactly the labels. */
  #valuesOf(dimensions: FieldRecord): readonly string[] | undefined {
    const values = new Array<string>(this.labelNames.length)
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
