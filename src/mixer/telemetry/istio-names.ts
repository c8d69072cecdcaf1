import { type Family, type NumberSeries, PlainHistogram } from './metrics.js'
import { metricDefinitions } from './names.js'
import type { Labels } from './recorder.js'

/**
 * The dispatch metrics under the names that Istio gave them, for dashboards and alerts that exist. They are computed
 * from ours when they are read. `meshFunction` holds the verb where Istio has the template. Source: reference
 * dispatch, section 12.
 */
export function istioFamilies(families: Iterable<Family>): Family[] {
  const found: Family[] = []
  for (const family of families) {
    if (family.name === 'outboard_handler_calls_total' && family.form === 'numbers')
      found.push(dispatches(family.series.values()))
    if (family.name === 'outboard_handler_duration_seconds' && family.form === 'histogram')
      found.push(durations(family.series.values()))
  }
  return found
}

/** Outcomes that are answers; the others are codes of what went wrong. */
function isError(outcome: string | undefined): boolean {
  return outcome?.startsWith('ADAPTER_') === true
}

function dispatches(series: Iterable<NumberSeries>): Family {
  const sums = new Map<string, { readonly labels: Labels; total: number }>()
  for (const one of series) {
    const istio = { ...istioLabels(one.labels), error: String(isError(one.labels.outcome)) }
    const key = JSON.stringify(istio)
    const sum = sums.get(key) ?? { labels: istio, total: 0 }
    sum.total += one.read()
    sums.set(key, sum)
  }
  return {
    name: 'mixer_runtime_dispatches_total',
    definition: metricDefinitions.mixer_runtime_dispatches_total,
    form: 'numbers',
    series: new Map([...sums].map(([key, { labels, total }]) => [key, { labels, read: () => total }])),
  }
}

function durations(series: Iterable<PlainHistogram>): Family {
  const merged = new Map<string, PlainHistogram>()
  for (const one of series) {
    const labels = istioLabels(one.labels)
    const key = JSON.stringify(labels)
    // One handler has a series for each placement it was in.
    const sum = merged.get(key) ?? new PlainHistogram(labels, one.bounds)
    one.counts.forEach((count, bucket) => {
      sum.counts[bucket] = (sum.counts[bucket] ?? 0) + count
    })
    sum.sum += one.sum
    merged.set(key, sum)
  }
  return {
    name: 'mixer_runtime_dispatch_duration_seconds',
    definition: metricDefinitions.mixer_runtime_dispatch_duration_seconds,
    form: 'histogram',
    series: merged,
  }
}

function istioLabels({ verb = '', handler = '', adapter = '' }: Labels): Labels {
  return { meshFunction: verb, handler, adapter }
}
