import { upperBounds } from './buckets.js'
import { safeName } from './names.js'
import { fullName, type MetricSettings } from './settings.js'

/** What a metric is, apart from its values. */
export interface Definition {
  readonly name: string
  readonly help: string
  readonly kind: 'COUNTER' | 'GAUGE' | 'DISTRIBUTION'
  /** Sorted. */
  readonly labelNames: readonly string[]
  /** Of distributions; ascending. */
  readonly bounds: readonly number[]
}

/** The adapter's own metric: what it could not count, so that a silent mistake is seen where the numbers are. */
export const refusalMetric: Definition = {
  name: 'outboard_prometheus_adapter_refused_total',
  help: 'Instances that could not be counted, by reason',
  kind: 'COUNTER',
  labelNames: ['handler', 'instance', 'reason'],
  bounds: [],
}

/** The definition that a metric's settings give. */
export function definitionOf(metric: MetricSettings): Definition {
  const name = fullName(metric)
  const { kind } = metric
  return {
    name,
    help: metric.description || name,
    kind,
    labelNames: metric.labelNames.map(safeName).sort(),
    bounds: kind === 'DISTRIBUTION' ? upperBounds(metric.buckets) : [],
  }
}

/** Whether values of both can stand in one metric. Another help text is no other metric. */
export function isSameMetric(a: Definition, b: Definition): boolean {
  const shape = ({ kind, labelNames, bounds }: Definition) => JSON.stringify([kind, labelNames, bounds])
  return a.name === b.name && shape(a) === shape(b)
}
