import type { Labels, Telemetry } from '../../src/mixer/telemetry/index.js'

/** Keeps counts by name and labels, so that a test can read them. */
export class CountingTelemetry implements Telemetry {
  readonly counts = new Map<string, number>()
  readonly gauges = new Map<string, () => number>()
  readonly lines: { readonly level: string; readonly event: string; readonly facts: unknown }[] = []

  counter(name: string, labels: Labels = {}) {
    const key = printed(name, labels)
    return { add: (amount: number) => void this.counts.set(key, (this.counts.get(key) ?? 0) + amount) }
  }

  histogram() {
    return { record: () => {} }
  }

  gauge(name: string, labels: Labels, read: () => number) {
    this.gauges.set(printed(name, labels), read)
    return () => {}
  }

  /** What a gauge reads now; undefined when there is none. */
  read(name: string, labels: Labels = {}): number | undefined {
    return this.gauges.get(printed(name, labels))?.()
  }

  span() {
    return undefined
  }

  readonly log = {
    debug: (event: string, facts?: unknown) => void this.lines.push({ level: 'debug', event, facts }),
    info: (event: string, facts?: unknown) => void this.lines.push({ level: 'info', event, facts }),
    warn: (event: string, facts?: unknown) => void this.lines.push({ level: 'warn', event, facts }),
    error: (event: string, facts?: unknown) => void this.lines.push({ level: 'error', event, facts }),
  }

  /** `name{label="value"}`, labels in alphabetical order; 0 when never counted. */
  count(name: string, labels: Labels = {}): number {
    return this.counts.get(printed(name, labels)) ?? 0
  }
}

function printed(name: string, labels: Labels): string {
  const inside = Object.keys(labels)
    .sort()
    .map(label => `${label}="${labels[label]}"`)
  return `${name}{${inside.join(',')}}`
}
