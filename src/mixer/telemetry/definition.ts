/** What a metric is: how it is written to the scrape, what it means, and which labels its series carry. */
export interface MetricDefinition {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  /** One sentence; also in docs/metrics.md. */
  readonly help: string
  readonly labels: readonly string[]
  /** Upper bounds of a histogram's buckets. Default: {@link durationBounds} of names.ts. */
  readonly bounds?: readonly number[]
}
