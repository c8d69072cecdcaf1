import { type SettingsOf, settings } from '@outboard/adapters-sdk'
import { isLabelName, isMetricName, safeName } from './names.js'

const numFiniteBuckets = settings.integer({
  field: 1,
  min: 1,
  max: 1_000,
  description: 'Number of buckets between the lowest and the highest bound',
})

const buckets = settings.oneOf(
  {
    linearBuckets: settings.message(
      {
        numFiniteBuckets,
        width: settings.number({ field: 2, above: 0, description: 'Width of each bucket' }),
        offset: settings.number({ field: 3, default: 0, description: 'The lowest bound' }),
      },
      { field: 1, description: 'Bounds `offset + i·width`' },
    ),
    exponentialBuckets: settings.message(
      {
        numFiniteBuckets,
        growthFactor: settings.number({
          field: 2,
          above: 1,
          description: 'Each bound divided by the one before',
        }),
        scale: settings.number({ field: 3, above: 0, description: 'The lowest bound' }),
      },
      { field: 2, description: 'Bounds `scale·growthFactor^i`' },
    ),
    explicitBuckets: settings.message(
      {
        bounds: settings.list(settings.number(), {
          field: 1,
          maxItems: 1_000,
          description: 'Upper bounds, ascending',
        }),
      },
      {
        field: 3,
        description: 'Bounds one by one',
        check({ bounds }, problem) {
          if (bounds.some((bound, i) => i > 0 && bound <= (bounds[i - 1] ?? 0))) {
            problem('bounds', 'must ascend')
          }
        },
      },
    ),
  },
  { field: 5, optional: true, description: 'Buckets of a DISTRIBUTION. Default: 0.005 to 10, for seconds' },
)

const metric = settings.message(
  {
    namespace: settings.string({ field: 7, default: 'istio', description: 'First part of the name' }),
    name: settings.string({ field: 1, default: '', description: 'Name; empty: the name of the instance' }),
    instanceName: settings.string({
      field: 2,
      minLength: 1,
      description: 'The instance, fully qualified: `requestcount.instance.istio-system`',
    }),
    description: settings.string({ field: 3, default: '', description: 'Help text; empty: the name' }),
    kind: settings.enumeration(
      { GAUGE: 1, COUNTER: 2, DISTRIBUTION: 3 },
      { field: 4, description: 'Must be given: values are set, added or observed' },
    ),
    buckets,
    labelNames: settings.list(settings.string(), {
      field: 6,
      maxItems: 100,
      description: 'Must be the names of the dimensions of the instance',
    }),
  },
  {
    check(given, problem) {
      const name = fullName(given)
      if (!isMetricName(name)) problem('name', `"${name}" is not a name that Prometheus takes`)
      const labels = given.labelNames.map(safeName)
      for (const [index, label] of labels.entries()) {
        const path = `labelNames[${index}]`
        if (!isLabelName(label)) problem(path, `"${label}" is not a name that Prometheus takes`)
        if (label === 'le' && given.kind === 'DISTRIBUTION') problem(path, '"le" is the label of the buckets')
        if (labels.indexOf(label) < index) problem(path, `"${label}" is given twice`)
      }
    },
  },
)

/** Source: `adapter.prometheus.config.Params`; `host`, `port` and `maxSeriesPerMetric` are ours. */
export const prometheusSettings = settings.object(
  {
    metrics: settings.list(metric, {
      field: 1,
      maxItems: 10_000,
      description: 'The metrics, one for each instance',
    }),
    metricsExpirationPolicy: settings.message(
      {
        metricsExpiryDuration: settings.duration({
          field: 1,
          above: 0,
          description: 'A series that was not written for this long is removed',
        }),
        expiryCheckIntervalDuration: settings.duration({
          field: 2,
          default: 0,
          min: 0,
          description: 'Between two looks for such series; 0: half of the above',
        }),
      },
      { field: 2, optional: true, description: 'Default: series stay' },
    ),
    host: settings.string({
      default: '127.0.0.1',
      minLength: 1,
      description: 'Address to listen on; `0.0.0.0` or `::` makes the metrics visible from other machines',
    }),
    port: settings.integer({
      default: 42_422,
      min: 0,
      max: 65_535,
      description: 'Port to listen on; 0: a free one, which the log names',
    }),
    maxSeriesPerMetric: settings.integer({
      default: 100_000,
      min: 1,
      max: 10_000_000,
      description: 'Label sets that one metric may have; values for further ones are refused',
    }),
  },
  { message: 'adapter.prometheus.config.Params' },
)

export type PrometheusSettings = SettingsOf<typeof prometheusSettings>

/** One metric of the settings. */
export type MetricSettings = PrometheusSettings['metrics'][number]

/** The name under which a metric is exposed. */
export function fullName(metric: Pick<MetricSettings, 'namespace' | 'name' | 'instanceName'>): string {
  return `${safeName(metric.namespace || 'istio')}_${safeName(metric.name || metric.instanceName)}`
}
