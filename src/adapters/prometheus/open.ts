import { type AdapterHost, type Instance, SettingsError } from '@outboard/adapters-sdk'
import type { Collector } from './collector.js'
import { definitionOf, refusalMetric } from './definition.js'
import type { Exporter } from './exporter.js'
import { MetricHandler, type Refusal } from './handler.js'
import { labelsOf } from './labels.js'
import type { PrometheusSettings } from './settings.js'

/** The metrics of one open handler. */
export interface OpenMetrics {
  record(instances: readonly Instance[]): void
  sweep(): void
  close(): void
}

/**
 * Claims the metrics of these settings from the exporter.
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
  const { claim } = opened
  const { collectors } = claim
  const refused = collectors.at(-1)
  const handler = new MetricHandler(byInstance(settings, collectors), policyOf(settings), {
    refused: (instance, reason) => tell(host, refused, instance, reason),
  })
  return {
    record(instances) {
      if (claim.state === 'waiting') exporter.begin(claim)
      handler.record(instances, host.now())
    },
    sweep: () => handler.sweep(host.now()),
    close: () => exporter.close(claim),
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
