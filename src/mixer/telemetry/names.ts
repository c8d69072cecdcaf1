import type { MetricDefinition } from './definition.js'
import { istioDefinitions } from './istio-definitions.js'

/** Seconds. Source: reference dispatch, section 12. */
export const durationBounds: readonly number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
]

/** What a complete name begins with. */
const prefixes = ['outboard_', 'mixer_', 'istio_', 'process_', 'nodejs_']

/**
 * The name under which a metric is offered. A room may leave the family's prefix out, and a counter's ending:
 * `door_requests` is `outboard_door_requests_total`.
 */
export function offeredName(name: string, kind: MetricDefinition['kind']): string {
  const full = prefixes.some(prefix => name.startsWith(prefix)) ? name : `outboard_${name}`
  return kind === 'counter' && !full.endsWith('_total') ? `${full}_total` : full
}

/** Every metric that the host offers, by name. docs/metrics.md says the same; a test compares them and the code. */
export const metricDefinitions = {
  outboard_build_info: {
    kind: 'gauge',
    help: 'Always 1; the labels say what runs.',
    labels: ['version', 'node'],
  },
  outboard_checks_total: {
    kind: 'counter',
    help: 'Checks answered, by what came of them: allowed, denied, undecided or shed.',
    labels: ['door', 'outcome'],
  },
  outboard_check_duration_seconds: {
    kind: 'histogram',
    help: 'Time of a check inside the engine.',
    labels: ['door'],
  },
  outboard_reports_total: {
    kind: 'counter',
    help: 'Reports, by what came of them: taken, failed or shed.',
    labels: ['door', 'outcome'],
  },
  outboard_quotas_total: {
    kind: 'counter',
    help: 'Quota requests, by what came of them: granted, partly, refused, failed or unconfigured.',
    labels: ['outcome'],
  },
  outboard_requests_in_flight: { kind: 'gauge', help: 'Checks and reports under way.', labels: [] },
  outboard_rule_matches_total: {
    kind: 'counter',
    help: 'Requests to which a rule applied.',
    labels: ['rule', 'enforcement'],
  },
  outboard_rule_match_failures_total: {
    kind: 'counter',
    help: 'Requests for which a rule’s match had no value.',
    labels: ['rule'],
  },
  outboard_rule_header_failures_total: {
    kind: 'counter',
    help: 'Header operations left out because their value failed.',
    labels: ['rule'],
  },
  outboard_rule_shadow_verdicts_total: {
    kind: 'counter',
    help: 'Verdicts of rules in shadow, which were not applied: allow, deny or failed.',
    labels: ['rule', 'verdict'],
  },
  outboard_instance_failures_total: {
    kind: 'counter',
    help: 'Instances that could not be filled from a request.',
    labels: ['instance'],
  },
  outboard_handler_calls_total: {
    kind: 'counter',
    help: 'Questions to handlers; the outcome is ok, denied, or the error’s code.',
    labels: ['handler', 'adapter', 'placement', 'verb', 'outcome'],
  },
  outboard_handler_duration_seconds: {
    kind: 'histogram',
    help: 'Time until a handler answered, its guard and its way there included.',
    labels: ['handler', 'adapter', 'placement', 'verb'],
  },
  outboard_failure_policy_total: {
    kind: 'counter',
    help: 'Failed verdicts, by the failure policy that was applied.',
    labels: ['handler', 'policy'],
  },
  outboard_reports_delivered_total: {
    kind: 'counter',
    help: 'Instances that a handler has taken.',
    labels: ['handler'],
  },
  outboard_reports_dropped_total: {
    kind: 'counter',
    help: 'Instances given up, by why: queue_full, refused, closed or unreadable.',
    labels: ['handler', 'reason'],
  },
  outboard_reports_spilled_total: {
    kind: 'counter',
    help: 'Instances written to disk, because memory had no room or the host ended.',
    labels: ['handler'],
  },
  outboard_report_spill_bytes: {
    kind: 'gauge',
    help: 'Bytes of reports on disk.',
    labels: [],
  },
  outboard_report_spill_failures_total: {
    kind: 'counter',
    help: 'Files of reports that could not be written, read or removed.',
    labels: ['operation'],
  },
  outboard_endpoint_state: {
    kind: 'gauge',
    help: '1 for the state that an adapter’s endpoint is in, 0 for the others.',
    labels: ['address', 'state'],
  },
  outboard_endpoint_in_flight: {
    kind: 'gauge',
    help: 'Questions under way to an adapter’s endpoint.',
    labels: ['address'],
  },
  outboard_endpoint_connects_total: {
    kind: 'counter',
    help: 'Attempts to connect to an adapter’s endpoint: connected or failed.',
    labels: ['address', 'outcome'],
  },
  outboard_endpoint_losses_total: {
    kind: 'counter',
    help: 'Connections to an adapter’s endpoint that broke, by why.',
    labels: ['address', 'code'],
  },
  outboard_session_protocol_errors_total: {
    kind: 'counter',
    help: 'Sessions with adapters that ended because one side broke the protocol, by its code.',
    labels: ['code'],
  },
  outboard_cache_lookups_total: {
    kind: 'counter',
    help: 'Look-ups in the cache: hit, miss, or joined to a question already in the air.',
    labels: ['tier', 'outcome'],
  },
  outboard_cache_kept_total: { kind: 'counter', help: 'Answers that were kept.', labels: ['tier'] },
  outboard_cache_evictions_total: {
    kind: 'counter',
    help: 'Answers that went away, by why: full, expired, used_up, withdrawn, configuration or flushed.',
    labels: ['tier', 'reason'],
  },
  outboard_cache_entries: { kind: 'gauge', help: 'Answers kept now.', labels: ['tier'] },
  outboard_cache_bytes: { kind: 'gauge', help: 'Bytes of answers kept now, as estimated.', labels: ['tier'] },
  outboard_cache_shapes: { kind: 'gauge', help: 'Sets of references that look-ups try.', labels: [] },
  outboard_cache_tier_failures_total: {
    kind: 'counter',
    help: 'Operations of the shared tier that failed, by why.',
    labels: ['tier', 'reason'],
  },
  outboard_cache_tier_open: {
    kind: 'gauge',
    help: '1 while the shared tier’s breaker is open and it is not asked.',
    labels: ['tier'],
  },
  outboard_cache_tier_ready: {
    kind: 'gauge',
    help: '1 while the shared tier is asked: it is connected, withdrawals are heard, and its breaker is closed.',
    labels: ['tier'],
  },
  outboard_snapshot_id: {
    kind: 'gauge',
    help: 'The number of the configuration in force; -1 before the first.',
    labels: [],
  },
  outboard_snapshot_swaps_total: {
    kind: 'counter',
    help: 'Configurations brought to the handlers: opened or refused.',
    labels: ['outcome'],
  },
  outboard_config_loads_total: {
    kind: 'counter',
    help: 'Loads of the configuration: live, unchanged or refused.',
    labels: ['outcome'],
  },
  outboard_config_problems: {
    kind: 'gauge',
    help: 'Problems in the last configuration that was refused; 0 when the last one went live.',
    labels: [],
  },
  outboard_config_resources: {
    kind: 'gauge',
    help: 'Documents in the configuration in force, by kind; kind attribute: attributes that are declared.',
    labels: ['kind'],
  },
  outboard_config_resource_problems: {
    kind: 'gauge',
    help: 'outboard_config_problems by kind of document; of a thousand at most.',
    labels: ['kind'],
  },
  outboard_door_requests_total: {
    kind: 'counter',
    help: 'Calls to a door, by method and gRPC status.',
    labels: ['door', 'method', 'code'],
  },
  outboard_door_seconds: {
    kind: 'histogram',
    help: 'Time of a call inside a door, engine included.',
    labels: ['door', 'method'],
  },
  outboard_door_attributes_dropped_total: {
    kind: 'counter',
    help: 'Attributes that a door left out, by why.',
    labels: ['door', 'reason'],
  },
  outboard_door_log_entries_total: {
    kind: 'counter',
    help: 'Access log entries, by what became of them.',
    labels: ['door', 'fate'],
  },
  outboard_door_streams_total: { kind: 'counter', help: 'Streams that a door has taken.', labels: ['door'] },
  outboard_door_malformed_total: {
    kind: 'counter',
    help: 'Messages that could not be decoded.',
    labels: ['door'],
  },
  outboard_door_faults_total: {
    kind: 'counter',
    help: 'Calls that failed by a defect of the host.',
    labels: ['method'],
  },
  outboard_door_connection_errors_total: {
    kind: 'counter',
    help: 'Connections of proxies that broke the protocol.',
    labels: [],
  },
  outboard_door_connections_refused_total: {
    kind: 'counter',
    help: 'Connections of proxies beyond the bound on connections, closed at once.',
    labels: [],
  },
  outboard_door_unfinished_total: {
    kind: 'counter',
    help: 'Calls that ended before their message was there, by why: deadline, timeout or no_room.',
    labels: ['reason'],
  },
  outboard_door_not_grpc_total: {
    kind: 'counter',
    help: 'Requests to a door that were no gRPC.',
    labels: [],
  },
  outboard_door_tls_errors_total: {
    kind: 'counter',
    help: 'TLS handshakes with proxies that failed.',
    labels: [],
  },
  outboard_door_certificate_reloads_total: {
    kind: 'counter',
    help: 'Certificate files that changed: taken or failed.',
    labels: ['outcome'],
  },
  outboard_faults_total: {
    kind: 'counter',
    help: 'Rejections and exceptions that reached nobody: defects, ours or an in-process adapter’s.',
    labels: ['fault'],
  },
  outboard_log_lines_suppressed_total: {
    kind: 'counter',
    help: 'Log lines left out by the rate limit.',
    labels: ['event'],
  },
  outboard_event_loop_utilization_ratio: {
    kind: 'gauge',
    help: 'Share of the time since the last scrape that the event loop was busy.',
    labels: [],
  },
  ...istioDefinitions,
  process_start_time_seconds: {
    kind: 'gauge',
    help: 'When the process started, in seconds since the epoch.',
    labels: [],
  },
  process_cpu_seconds_total: {
    kind: 'counter',
    help: 'User and system CPU time of the process.',
    labels: [],
  },
  process_resident_memory_bytes: { kind: 'gauge', help: 'Resident memory of the process.', labels: [] },
  nodejs_heap_size_used_bytes: { kind: 'gauge', help: 'JavaScript heap in use.', labels: [] },
} as const satisfies Readonly<Record<string, MetricDefinition>>
