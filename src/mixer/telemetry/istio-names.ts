import { istioDefinitions } from './istio-definitions.js'
import { type Family, type NumberSeries, PlainHistogram } from './metrics.js'
import type { Labels } from './recorder.js'

type IstioName = keyof typeof istioDefinitions

/** Istio's name for each kind of document. */
const totals: ReadonlyMap<string, IstioName> = new Map([
  ['attribute', 'mixer_config_attributes_total'],
  ['template', 'mixer_config_template_configs_total'],
  ['adapter', 'mixer_config_adapter_info_configs_total'],
  ['handler', 'mixer_config_handler_configs_total'],
  ['instance', 'mixer_config_instance_configs_total'],
  ['rule', 'mixer_config_rule_configs_total'],
])

/** Istio's name for what is wrong with each kind of document. */
const errors: ReadonlyMap<string, IstioName> = new Map([
  ['template', 'mixer_config_template_config_errors_total'],
  ['adapter', 'mixer_config_adapter_info_config_errors_total'],
  ['handler', 'mixer_config_handler_validation_error_total'],
  ['instance', 'mixer_config_instance_config_errors_total'],
  ['rule', 'mixer_config_rule_config_errors_total'],
])

/**
 * Metrics of dispatch and configuration under the names that Istio gave them, for dashboards and alerts that exist. They
 * are computed from ours when they are read. `meshFunction` holds the verb where Istio has the template; what is wrong is
 * counted by problem, where Istio counts a dropped action and its rule as well. Source: reference dispatch, section 12,
 * and config, section 10.
 */
export function istioFamilies(families: Iterable<Family>): Family[] {
  const found: Family[] = []
  for (const family of families) {
    if (family.name === 'outboard_handler_calls_total' && family.form === 'numbers')
      found.push(dispatches(family.series.values()))
    if (family.name === 'outboard_handler_duration_seconds' && family.form === 'histogram')
      found.push(durations(family.series.values()))
    if (family.name === 'outboard_config_resources' && family.form === 'numbers')
      found.push(...byKind(family.series.values(), totals))
    if (family.name === 'outboard_config_resource_problems' && family.form === 'numbers')
      found.push(...byKind(family.series.values(), errors))
  }
  return found
}

/** One number without labels for each kind that has a name. */
function byKind(series: Iterable<NumberSeries>, names: ReadonlyMap<string, IstioName>): Family[] {
  return [...series].flatMap((one): Family[] => {
    const name = names.get(one.labels.kind ?? '')
    if (name === undefined) return []
    const plain = { labels: {}, read: () => one.read() }
    return [{ name, definition: istioDefinitions[name], form: 'numbers', series: new Map([['', plain]]) }]
  })
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
    definition: istioDefinitions.mixer_runtime_dispatches_total,
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
    definition: istioDefinitions.mixer_runtime_dispatch_duration_seconds,
    form: 'histogram',
    series: merged,
  }
}

function istioLabels({ verb = '', handler = '', adapter = '' }: Labels): Labels {
  return { meshFunction: verb, handler, adapter }
}
