import type { Labels } from './labels.js'

/** What the store needs of a series. */
interface Expiring {
  /** Milliseconds since the epoch; `Infinity`: it stays. */
  readonly expiresAtMs: number
}

/** The series of one metric, by their label values. */
export class SeriesStore<Series extends Expiring> {
  readonly #series = new Map<string, Series>()

  constructor(
    readonly labelNames: readonly string[],
    readonly make: (labels: Readonly<Record<string, string>>) => Series,
  ) {}

  /** The series with these label values, made when there is none; undefined when `maxSeries` exist already. */
  find({ key, values }: Labels, maxSeries: number): Series | undefined {
    const known = this.#series.get(key)
    if (known !== undefined) return known
    if (this.#series.size >= maxSeries) return undefined
    const made = this.make(Object.fromEntries(this.labelNames.map((name, i) => [name, values[i] ?? ''])))
    this.#series.set(key, made)
    return made
  }

  all(): Series[] {
    return [...this.#series.values()]
  }

  sweep(nowMs: number): void {
    for (const [key, series] of this.#series) if (series.expiresAtMs <= nowMs) this.#series.delete(key)
  }
}
