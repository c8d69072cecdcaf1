import type { Instance } from '@outboard/adapters-sdk'
import { valueField } from '../values/fields.js'
import type { Collector, RecordRefusal, SeriesTerms } from './collector.js'
import { LabelReader, type LabelRefusal } from './label-reader.js'
import { sampleOf } from './samples.js'

/** Why an instance was not counted. Stable: the adapter's own metric counts by it. */
export type Refusal = RecordRefusal | LabelRefusal | 'unknown-instance' | 'not-a-number'

/** What the handler tells of instances that it could not count. */
export interface RefusalSink {
  refused(instance: string, reason: Refusal): void
}

/** When series go and how many there may be. */
export interface SeriesPolicy {
  /** Milliseconds after its last value that a series goes; undefined: it stays. */
  readonly expiryMs: number | undefined
  readonly maxSeries: number
}

interface Bound {
  readonly collector: Collector
  readonly labels: LabelReader
}

/** Counts instances into the metrics of one handler. */
export class MetricHandler {
  readonly #metrics: ReadonlyMap<string, Bound>

  constructor(
    collectors: ReadonlyMap<string, Collector>,
    readonly policy: SeriesPolicy,
    readonly refusals: RefusalSink,
  ) {
    const readers = new Map<string, LabelReader>()
    this.#metrics = new Map(
      [...collectors].map(([instance, collector]) => {
        const { labelNames } = collector.definition
        const names = JSON.stringify(labelNames)
        const labels = readers.get(names) ?? new LabelReader(labelNames)
        readers.set(names, labels)
        return [instance, { collector, labels }]
      }),
    )
  }

  /** Counts what can be counted; an instance that cannot be harms none of the others. */
  record(instances: readonly Instance[], nowMs: number): void {
    const { expiryMs, maxSeries } = this.policy
    const expiresAtMs = expiryMs === undefined ? Number.POSITIVE_INFINITY : nowMs + expiryMs
    const terms = { expiresAtMs, maxSeries }
    for (const instance of instances) {
      const reason = this.#recordOne(instance, terms)
      if (reason !== undefined) this.refusals.refused(instance.name, reason)
    }
  }

  sweep(nowMs: number): void {
    for (const { collector } of this.#metrics.values()) collector.sweep(nowMs)
  }

  #recordOne(instance: Instance, terms: SeriesTerms): Refusal | undefined {
    const metric = this.#metrics.get(instance.name)
    if (metric === undefined) return 'unknown-instance'
    const value = sampleOf(valueField(instance, 'value'))
    if (value === undefined) return 'not-a-number'
    const labels = metric.labels.read(instance)
    if (typeof labels === 'string') return labels
    return metric.collector.record(labels, value, terms)
  }
}
