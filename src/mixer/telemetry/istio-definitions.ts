import type { MetricDefinition } from './definition.js'

function gauge(help: string) {
  return { kind: 'gauge', help, labels: [] } as const satisfies MetricDefinition
}

const resources = (kind: string) => gauge(`outboard_config_resources of kind ${kind} under Istio’s name.`)
const problems = (kind: string) =>
  gauge(`outboard_config_resource_problems of kind ${kind} under Istio’s name.`)

/** Metrics under the names that Istio gave them. Source: reference dispatch, section 12, and config, section 10. */
export const istioDefinitions = {
  mixer_runtime_dispatches_total: {
    kind: 'counter',
    help: 'outboard_handler_calls_total under Istio’s name; meshFunction is the verb.',
    labels: ['meshFunction', 'handler', 'adapter', 'error'],
  },
  mixer_runtime_dispatch_duration_seconds: {
    kind: 'histogram',
    help: 'outboard_handler_duration_seconds under Istio’s name.',
    labels: ['meshFunction', 'handler', 'adapter'],
  },
  istio_build: {
    kind: 'gauge',
    help: 'Always 1; the build under the name that Istio gives it.',
    labels: ['component', 'tag'],
  },
  mixer_config_attributes_total: resources('attribute'),
  mixer_config_template_configs_total: resources('template'),
  mixer_config_adapter_info_configs_total: resources('adapter'),
  mixer_config_handler_configs_total: resources('handler'),
  mixer_config_instance_configs_total: resources('instance'),
  mixer_config_rule_configs_total: resources('rule'),
  mixer_config_template_config_errors_total: problems('template'),
  mixer_config_adapter_info_config_errors_total: problems('adapter'),
  mixer_config_handler_validation_error_total: problems('handler'),
  mixer_config_instance_config_errors_total: problems('instance'),
  mixer_config_rule_config_errors_total: problems('rule'),
} as const satisfies Readonly<Record<string, MetricDefinition>>
