import type { Instance, Value } from '@outboard/adapters-sdk'
import { valueMapEntries } from '../values/fields.js'
import type { Limit } from './counters.js'
import { ConfiguredText } from './equality.js'

/** A limit for some dimensions. */
export interface OverrideSettings {
  readonly dimensions: Readonly<Record<string, string>>
  readonly maxAmount: bigint
  readonly validDuration: number
}

/** The limits of one quota instance. */
export interface QuotaSettings {
  readonly name: string
  readonly maxAmount: bigint
  readonly validDuration: number
  readonly overrides: readonly OverrideSettings[]
}

interface Override {
  readonly dimensions: readonly (readonly [string, ConfiguredText])[]
  readonly limit: Limit
}

/** Chooses the limit of an instance: the first override all of whose dimensions match, else the quota's own. */
export class LimitChoice {
  readonly #overrides: readonly Override[]
  readonly #base: Limit

  constructor(quota: QuotaSettings) {
    this.#base = limitOf(quota)
    this.#overrides = quota.overrides.map(override => ({
      dimensions: Object.entries(override.dimensions).map(([name, text]) => [name, new ConfiguredText(text)]),
      limit: limitOf(override),
    }))
  }

  for(instance: Instance): Limit {
    if (this.#overrides.length === 0) return this.#base
    const values = new Map<string, Value>(valueMapEntries(instance, 'dimensions'))
    const override = this.#overrides.find(({ dimensions }) =>
      dimensions.every(([name, text]) => text.equals(values.get(name))),
    )
    return override?.limit ?? this.#base
  }
}

function limitOf(settings: { readonly maxAmount: bigint; readonly validDuration: number }): Limit {
  return { maxAmount: settings.maxAmount, windowMs: settings.validDuration }
}
