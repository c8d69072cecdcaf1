import type { Family, MetricRegistry, PlainHistogram } from './metrics.js'
import type { Labels } from './recorder.js'

/** The content type of {@link renderPrometheus}. */
export const prometheusContentType = 'text/plain; version=0.0.4; charset=utf-8'

/** Every metric in the Prometheus text format 0.0.4. */
export function renderPrometheus(registry: Pick<MetricRegistry, 'families'>): string {
  const lines: string[] = []
  for (const family of registry.families()) {
    if (family.series.size === 0) continue
    lines.push(`# HELP ${family.name} ${escapeHelp(family.definition.help)}`)
    lines.push(`# TYPE ${family.name} ${family.definition.kind}`)
    renderFamily(family, lines)
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}

function renderFamily(family: Family, lines: string[]): void {
  if (family.form === 'numbers')
    for (const series of family.series.values())
      lines.push(`${family.name}${braces(series.labels)} ${number(series.read())}`)
  else for (const series of family.series.values()) renderHistogram(family.name, series, lines)
}

function renderHistogram(name: string, series: PlainHistogram, lines: string[]): void {
  let cumulative = 0
  series.bounds.forEach((bound, index) => {
    cumulative += series.counts[index] ?? 0
    lines.push(`${name}_bucket${braces(series.labels, number(bound))} ${number(cumulative)}`)
  })
  cumulative += series.counts[series.bounds.length] ?? 0
  lines.push(`${name}_bucket${braces(series.labels, '+Inf')} ${number(cumulative)}`)
  lines.push(`${name}_sum${braces(series.labels)} ${number(series.sum)}`)
  lines.push(`${name}_count${braces(series.labels)} ${number(cumulative)}`)
}

function braces(labels: Labels, le?: string): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`)
  if (le !== undefined) pairs.push(`le="${le}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function number(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  if (value === Number.NEGATIVE_INFINITY) return '-Inf'
  return String(value)
}

function escapeLabel(value: string): string {
  return value.replace(/[\\"\n]/g, mark => (mark === '\n' ? '\\n' : `\\${mark}`))
}

function escapeHelp(text: string): string {
  return text.replace(/[\\\n]/g, mark => (mark === '\n' ? '\\n' : '\\\\'))
}
