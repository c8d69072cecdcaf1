import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Definition } from './definition.js'
import type { Labels } from './labels.js'
import { SeriesStore } from './series.js'

/** Why a value was not taken. */
export type RecordRefusal = 'negative-counter' | 'series-limit'

/** When a series that is written now goes, and how many a metric may have. */
export interface SeriesTerms {
  /** Milliseconds since the epoch; `Infinity`: it stays. */
  readonly expiresAtMs: number
  readonly maxSeries: number
}

/** One exposed metric with its series. */
export interface Collector {
  readonly definition: Definition
  record(labels: Labels, value: number, terms: SeriesTerms): RecordRefusal | undefined
  /** Removes the series that have expired. */
  sweep(nowMs: number): void
  register(registry: Registry): void
}

/** A metric of this definition, without series. */
export function makeCollector(definition: Definition): Collector {
  switch (definition.kind) {
    case 'COUNTER':
      return new CounterCollector(definition)
    case 'GAUGE':
      return new GaugeCollector(definition)
    case 'DISTRIBUTION':
      return new DistributionCollector(definition)
  }
}

interface NumberSeries {
  readonly labels: Readonly<Record<string, string>>
  expiresAtMs: number
  value: number
}

interface DistributionSeries {
  readonly labels: Readonly<Record<string, string>>
  expiresAtMs: number
  /** Per bound, and one for what is beyond the last. Not cumulative. */
  readonly counts: number[]
  sum: number
}

// The library names, checks and prints; series are kept here. Its own tables key a series by label names and values
// joined with `:` and `,`, which a value may contain: two series could become one at a client's will.

function config({ name, help, labelNames }: Definition) {
  return { name, help, labelNames: [...labelNames], registers: [] }
}

class CounterCollector extends Counter<string> implements Collector {
  readonly #series: SeriesStore<NumberSeries>

  constructor(readonly definition: Definition) {
    super(config(definition))
    this.#series = new SeriesStore(definition.labelNames, labels => ({ labels, expiresAtMs: 0, value: 0 }))
  }

  record(labels: Labels, value: number, terms: SeriesTerms): RecordRefusal | undefined {
    if (value < 0) return 'negative-counter'
    const series = this.#series.find(labels, terms.maxSeries)
    if (series === undefined) return 'series-limit'
    series.expiresAtMs = terms.expiresAtMs
    series.value += value
    return undefined
  }

  sweep(nowMs: number): void {
    this.#series.sweep(nowMs)
  }

  register(registry: Registry): void {
    registry.registerMetric(this)
  }

  override async get() {
    return { ...(await super.get()), values: this.#series.all() }
  }
}

class GaugeCollector extends Gauge<string> implements Collector {
  readonly #series: SeriesStore<NumberSeries>

  constructor(readonly definition: Definition) {
    super(config(definition))
    this.#series = new SeriesStore(definition.labelNames, labels => ({ labels, expiresAtMs: 0, value: 0 }))
  }

  record(labels: Labels, value: number, terms: SeriesTerms): RecordRefusal | undefined {
    const series = this.#series.find(labels, terms.maxSeries)
    if (series === undefined) return 'series-limit'
    series.expiresAtMs = terms.expiresAtMs
    series.value = value
    return undefined
  }

  sweep(nowMs: number): void {
    this.#series.sweep(nowMs)
  }

  register(registry: Registry): void {
    registry.registerMetric(this)
  }

  override async get() {
    return { ...(await super.get()), values: this.#series.all() }
  }
}

class DistributionCollector extends Histogram<string> implements Collector {
  readonly #series: SeriesStore<DistributionSeries>

  constructor(readonly definition: Definition) {
    super({ ...config(definition), buckets: [...definition.bounds] })
    const buckets = definition.bounds.length + 1
    this.#series = new SeriesStore(definition.labelNames, labels => {
      return { labels, expiresAtMs: 0, counts: new Array<number>(buckets).fill(0), sum: 0 }
    })
  }

  record(labels: Labels, value: number, terms: SeriesTerms): RecordRefusal | undefined {
    const series = this.#series.find(labels, terms.maxSeries)
    if (series === undefined) return 'series-limit'
    series.expiresAtMs = terms.expiresAtMs
    const found = this.definition.bounds.findIndex(bound => value <= bound)
    const bucket = found < 0 ? this.definition.bounds.length : found
    series.counts[bucket] = (series.counts[bucket] ?? 0) + 1
    series.sum += value
    return undefined
  }

  sweep(nowMs: number): void {
    this.#series.sweep(nowMs)
  }

  register(registry: Registry): void {
    registry.registerMetric(this)
  }

  /** What the registry prints a histogram from; its declared `get` is built on this. */
  async getForPromString() {
    const { name, help } = this.definition
    return {
      name,
      help,
      type: 'histogram',
      values: this.#series.all().flatMap(series => this.#lines(series)),
    }
  }

  #lines({ labels, counts, sum }: DistributionSeries) {
    const { name, bounds } = this.definition
    let count = 0
    const buckets = counts.map((own, i) => {
      count += own
      const le = i < bounds.length ? `${bounds[i]}` : '+Inf'
      return { metricName: `${name}_bucket`, labels: { le, ...labels }, sharedLabels: {}, value: count }
    })
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, sharedLabels: {}, value: sum },
      { metricName: `${name}_count`, labels, sharedLabels: {}, value: count },
    ]
  }
}
