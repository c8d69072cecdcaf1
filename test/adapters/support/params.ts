import protobuf from 'protobufjs'

// The settings messages of Istio's adapters as the unary services carry them.
// Source: reference wire-builtin-adapter-params, sections 2 to 7 and 12.
const source = `
  syntax = "proto3";
  message Duration { int64 seconds = 1; int32 nanos = 2; }
  message Any { string type_url = 1; bytes value = 2; }
  message Direct { int32 code = 1; string body = 2; map<string, string> headers = 3; }
  message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
  message Denier { Status status = 1; Duration valid_duration = 2; int32 valid_use_count = 3; }
  message List {
    string provider_url = 1; Duration refresh_interval = 2; Duration ttl = 3; Duration caching_interval = 4;
    int32 caching_use_count = 5; repeated string overrides = 6; int32 entry_type = 7; bool blacklist = 8;
  }
  message Override { map<string, string> dimensions = 1; int64 max_amount = 2; Duration valid_duration = 3; }
  message Quota { string name = 1; int64 max_amount = 2; Duration valid_duration = 3; repeated Override overrides = 4; }
  message Memquota { repeated Quota quotas = 1; Duration min_deduplication_duration = 2; }
  message Stdio {
    int32 log_stream = 1; map<string, int32> severity_levels = 2; int32 metric_level = 3; bool output_as_json = 4;
    int32 output_level = 5; string output_path = 6; int32 max_megabytes_before_rotation = 7;
    int32 max_days_before_rotation = 8; int32 max_rotated_files = 9;
  }
  message Linear { int32 num_finite_buckets = 1; double width = 2; double offset = 3; }
  message Exponential { int32 num_finite_buckets = 1; double growth_factor = 2; double scale = 3; }
  message Explicit { repeated double bounds = 1; }
  message Buckets { oneof definition { Linear linear_buckets = 1; Exponential exponential_buckets = 2; Explicit explicit_buckets = 3; } }
  message Metric {
    string name = 1; string instance_name = 2; string description = 3; int32 kind = 4; Buckets buckets = 5;
    repeated string label_names = 6; string namespace = 7;
  }
  message Expiry { Duration metrics_expiry_duration = 1; Duration expiry_check_interval_duration = 2; }
  message Prometheus { repeated Metric metrics = 1; Expiry metrics_expiration_policy = 2; }
  message Kubernetesenv { string kubeconfig_path = 1; Duration cache_refresh_duration = 2; string cluster_registries_namespace = 7; }
`
const { root } = protobuf.parse(source, { keepCase: true })

/** The bytes of a settings message (`Denier`, `List`, …), from JSON-like data. */
export function bytesOf(message: string, value: Record<string, unknown>): Uint8Array {
  const type = root.lookupType(message)
  return type.encode(type.fromObject(value)).finish()
}
