import { SettingsError, type SettingsProblem } from '@outboard/adapters-sdk'
import { type Definition, definitionOf, isSameMetric, refusalMetric } from './definition.js'
import type { PrometheusSettings } from './settings.js'

/**
 * Each instance goes to one metric, and each name is that of one metric.
 * @throws {SettingsError} when an instance is listed twice, or a name with other labels, kind or buckets.
 */
export function requireDistinctMetrics({ metrics }: PrometheusSettings): void {
  const instances = new Set<string>()
  const byName = new Map<string, Definition>([[refusalMetric.name, refusalMetric]])
  const problems: SettingsProblem[] = []
  for (const [index, metric] of metrics.entries()) {
    const { instanceName } = metric
    if (instances.has(instanceName)) {
      problems.push({
        path: `metrics[${index}].instanceName`,
        message: `"${instanceName}" is given twice`,
      })
    }
    instances.add(instanceName)
    const definition = definitionOf(metric)
    const earlier = byName.get(definition.name)
    if (earlier !== undefined && !isSameMetric(earlier, definition)) {
      const message = `"${definition.name}" is defined twice, with other labels, kind or buckets`
      problems.push({ path: `metrics[${index}].name`, message })
    }
    byName.set(definition.name, earlier ?? definition)
  }
  if (problems.length > 0) throw new SettingsError(problems)
}
