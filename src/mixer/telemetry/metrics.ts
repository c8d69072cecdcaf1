import type { MetricDefinition } from './definition.js'
import { durationBounds, offeredName } from './names.js'
import type { Counter, Histogram, Labels } from './recorder.js'

/** One line of a scrape: a number under settled labels, read when someone asks. */
export interface NumberSeries {
  readonly labels: Labels
  read(): number
}

/** Counts one thing. Adding is one addition: nothing is looked up, nothing is allocated. */
export class PlainCounter implements Counter, NumberSeries {
  #value = 0
  constructor(readonly labels: Labels) {}
  /** Amounts below zero are an error of the caller and are left out, because a counter only grows. */
  add(amount: number): void {
    if (amount > 0) this.#value += amount
  }
  read(): number {
    return this.#value
  }
}

/** Observations in buckets. */
export class PlainHistogram implements Histogram {
  /** One for each bound, and one for what is larger than all of them. Not cumulative. */
  readonly counts: Float64Array
  sum = 0
  /** Told of each observation, too: the bridge to OpenTelemetry sets it when metrics are pushed. */
  listener: ((value: number) => void) | undefined = undefined
  constructor(
    readonly labels: Labels,
    readonly bounds: readonly number[],
  ) {
    this.counts = new Float64Array(bounds.length + 1)
  }
  record(value: number): void {
    const bounds = this.bounds
    let bucket = 0
    // Most durations fall into the first buckets, so that counting up beats halving.
    while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket++
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1
    this.sum += value
    if (this.listener !== undefined) this.listener(value)
  }
}

/** All series of one metric. */
export type Family = {
  readonly name: string
  readonly definition: MetricDefinition
} & (
  | { readonly form: 'numbers'; readonly series: Map<string, NumberSeries> }
  | { readonly form: 'histogram'; readonly series: Map<string, PlainHistogram> }
)

/** Hears of every family and histogram, those that exist and those that are made later. */
export interface MetricsListener {
  family(family: Family): void
  histogram(family: Family, series: PlainHistogram): void
}

export interface RegistryOptions {
  /** Series of one metric; beyond it, what is new is counted together under the label `overflow`. Default: 5,000. */
  readonly maxSeries?: number
}

const overflow: Labels = { overflow: 'true' }

/** Keeps every metric of the process as plain numbers. A series asked for twice is the same series. */
export class MetricRegistry {
  readonly #families = new Map<string, Family>()
  readonly #definitions: Readonly<Record<string, MetricDefinition>>
  readonly #maxSeries: number
  #listener: MetricsListener | undefined

  constructor(
    definitions: Readonly<Record<string, MetricDefinition>>,
    { maxSeries = 5_000 }: RegistryOptions = {},
  ) {
    this.#definitions = definitions
    this.#maxSeries = maxSeries
  }

  counter(name: string, labels: Labels = {}): Counter {
    const family = this.#family(name, 'counter')
    if (family.form !== 'numbers') throw new TypeError(`metric ${name} is a histogram, not a counter`)
    const key = this.#key(family.series, labels)
    const known = family.series.get(key)
    if (known instanceof PlainCounter) return known
    const counter = new PlainCounter(key === overflowKey ? overflow : labels)
    family.series.set(key, counter)
    return counter
  }

  histogram(name: string, labels: Labels = {}): Histogram {
    const family = this.#family(name, 'histogram')
    if (family.form !== 'histogram') throw new TypeError(`metric ${name} is no histogram`)
    const key = this.#key(family.series, labels)
    const known = family.series.get(key)
    if (known !== undefined) return known
    const bounds = family.definition.bounds ?? durationBounds
    const histogram = new PlainHistogram(key === overflowKey ? overflow : labels, bounds)
    family.series.set(key, histogram)
    this.#listener?.histogram(family, histogram)
    return histogram
  }

  /** A value read at each scrape. A later one with the same labels takes the place of the earlier. */
  gauge(name: string, labels: Labels, read: () => number): () => void {
    const family = this.#family(name, 'gauge')
    if (family.form !== 'numbers') throw new TypeError(`metric ${name} is a histogram, not a gauge`)
    const key = this.#key(family.series, labels)
    const series: NumberSeries = { labels: key === overflowKey ? overflow : labels, read }
    family.series.set(key, series)
    return () => {
      if (family.series.get(key) === series) family.series.delete(key)
    }
  }

  families(): Iterable<Family> {
    return this.#families.values()
  }

  /** Passes everything on to one listener, from now on. */
  listen(listener: MetricsListener): void {
    this.#listener = listener
    for (const family of this.#families.values()) {
      listener.family(family)
      if (family.form === 'histogram')
        for (const series of family.series.values()) listener.histogram(family, series)
    }
  }

  #family(given: string, asked: MetricDefinition['kind']): Family {
    const name = offeredName(given, asked)
    const known = this.#families.get(name)
    if (known !== undefined) return known
    // A name that is not listed is a mistake that a test finds; a running host counts it all the same.
    const definition = this.#definitions[name] ?? { kind: asked, help: 'Not documented.', labels: [] }
    const family: Family =
      definition.kind === 'histogram'
        ? { name, definition, form: 'histogram', series: new Map() }
        : { name, definition, form: 'numbers', series: new Map() }
    this.#families.set(name, family)
    this.#listener?.family(family)
    return family
  }

  #key(series: ReadonlyMap<string, unknown>, labels: Labels): string {
    const key = keyOf(labels)
    return series.has(key) || series.size < this.#maxSeries ? key : overflowKey
  }
}

// The order of labels does not make another series; JSON keeps values with any character apart.
function keyOf(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))
}

const overflowKey = keyOf(overflow)
