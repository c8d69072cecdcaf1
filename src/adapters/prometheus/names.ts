/**
 * A name as Prometheus takes it, from one of the configuration: a leading `/` goes, then `/`, `.` and blanks become
 * `_`, and `-` goes.
 */
export function safeName(name: string): string {
  return name.replace(/^\//, '').replace(/[/. ]/g, '_').replaceAll('-', '')
}

/** Whether a metric may be called so. Source: the Prometheus data model. */
export function isMetricName(name: string): boolean {
  return /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name)
}

/** Whether a label may be called so; names that begin with two underscores belong to Prometheus itself. */
export function isLabelName(name: string): boolean {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) && !name.startsWith('__')
}
