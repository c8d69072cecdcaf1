import type { FieldShape } from '@outboard/adapters-sdk'
import type { ValueMapField } from './map-field.js'

/**
 * Maps of the instances of one vocabulary, by what they were compiled from. Metrics usually have the same dimensions; an
 * instance whose map is that of the instance before it finds the bytes there. At most as many as the configuration has.
 */
export class SharedMaps {
  readonly #fields = new Map<FieldShape, Map<string, ValueMapField>>()

  /** The same map compiled before, or a new one. `how`: all that `make` depends on besides the field and the params. */
  map(
    field: FieldShape,
    params: Readonly<Record<string, unknown>>,
    how: readonly string[],
    make: () => ValueMapField | undefined,
  ): ValueMapField | undefined {
    const entries = Object.entries(params)
    // Other forms are rare: a number that is no text may be too large for JSON.
    if (!entries.every(([, text]) => typeof text === 'string')) return make()
    const key = JSON.stringify([how, entries])
    const maps = this.#fields.get(field) ?? new Map<string, ValueMapField>()
    const plan = maps.get(key) ?? make()
    if (plan === undefined) return undefined
    maps.set(key, plan)
    this.#fields.set(field, maps)
    return plan
  }
}
