import { type AdapterHost, type Instance, SettingsError } from '@outboard/adapters-sdk'
import type { Collector } from './collector.js'
import { type Definition, definitionOf } from './definition.js'
import type { Exporter } from './exporter.js'
import { MetricHandler, type Refusal } from './handler.js'
import { labelsOf } from './labels.js'
import type { PrometheusSettings } from './settings.js'

/** The adapter's own metric: what it could not count, so that a silent mistake is seen where the numbers are. */
const refusalMetric: Definition = {
  name: 'outboard_prometheus_adapter_refused_total',
  help: 'Instances that could not be counted, by reason',
  kind: 'COUNTER',
  labelNames: ['handler', 'instance', 'reason'],
  bounds: [],
}

/** The metrics of one open handler. */
export interface OpenMetrics {
  record(instances: readonly Instance[]): void
  sweep(): void
  close(): void
}

/**
 * Takes the metrics of these settings into the exporter.
 * @throws {SettingsError} when one cannot be exposed beside those of other handlers.
 */
export function openMetrics(
  settings: PrometheusSettings,
  host: AdapterHost,
  exporter: Exporter,
): OpenMetrics {
  const definitions = settings.metrics.map(definitionOf)
  const opened = exporter.open(host.handler, [...definitions, refusalMetric], () => host.now())
  if ('conflicts' in opened) {
    throw new SettingsError(
      opened.conflicts.map(({ index, message }) => ({ path: `metrics[${index}].name`, message })),
    )
  }
  const { collectors } = opened
  const refused = collectors.at(-1)
  const handler = new MetricHandler(byInstance(settings, collectors), policyOf(settings), {
    refused: (instance, reason) => tell(host, refused, instance, reason),
  })
  return {
    record: instances => handler.record(instances, host.now()),
    sweep: () => handler.sweep(host.now()),
    close: () => exporter.close(host.handler, collectors),
  }
}

function byInstance(
  settings: PrometheusSettings,
  collectors: readonly Collector[],
): ReadonlyMap<string, Collector> {
  const map = new Map<string, Collector>()
  for (const [index, { instanceName }] of settings.metrics.entries()) {
    const collector = collectors[index]
    if (collector !== undefined) map.set(instanceName, collector)
  }
  return map
}

function policyOf({ metricsExpirationPolicy, maxSeriesPerMetric }: PrometheusSettings) {
  return { expiryMs: metricsExpirationPolicy?.metricsExpiryDuration, maxSeries: maxSeriesPerMetric }
}

/** The report itself succeeds: most of it was counted, and would be counted twice if it came again. */
function tell(host: AdapterHost, refused: Collector | undefined, instance: string, reason: Refusal): void {
  const terms = { expiresAtMs: Number.POSITIVE_INFINITY, maxSeries: 10_000 }
  refused?.record(labelsOf([host.handler, instance, reason]), 1, terms)
  host.log('warn', `did not count an instance of "${instance}": ${reason}`)
}
