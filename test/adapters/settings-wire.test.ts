import t from 'tap'
import { builtinAdapters } from '../../src/adapters/registry.js'
import { bytesOf } from './support/params.js'

function fromWire(adapter: string, bytes: Uint8Array): unknown {
  const schema = builtinAdapters.get(adapter)?.settings
  return schema?.resolve(schema.message?.decode(bytes))
}

const fromDocument = (adapter: string, raw: unknown) => builtinAdapters.get(adapter)?.settings.resolve(raw)

const seconds = (count: number) => ({ seconds: count })

t.test('settings that arrive as protobuf messages are those that stand in documents', async t => {
  const direct = bytesOf('Direct', { code: 403, body: 'no', headers: { 'x-a': 'b' } })
  const typeUrl = 'type.googleapis.com/istio.policy.v1beta1.DirectHttpResponse'
  const table: [string, string, Record<string, unknown>, unknown][] = [
    [
      'denier',
      'Denier',
      {
        status: { code: 7, message: 'm', details: [{ type_url: typeUrl, value: direct }] },
        valid_duration: { seconds: 1, nanos: 500_000_000 },
        valid_use_count: 5,
      },
      {
        status: {
          code: 7,
          message: 'm',
          details: [{ '@type': typeUrl, code: 'Forbidden', body: 'no', headers: { 'x-a': 'b' } }],
        },
        valid_duration: '1.5s',
        valid_use_count: 5,
      },
    ],
    [
      'listchecker',
      'List',
      {
        provider_url: 'http://x/',
        refresh_interval: seconds(2),
        ttl: seconds(3),
        caching_interval: seconds(4),
        caching_use_count: 5,
        overrides: ['10.0.0.1', '::1'],
        entry_type: 2,
        blacklist: true,
      },
      {
        providerUrl: 'http://x/',
        refreshInterval: '2s',
        ttl: '3s',
        cachingInterval: '4s',
        cachingUseCount: 5,
        overrides: ['10.0.0.1', '::1'],
        entryType: 'IP_ADDRESSES',
        blacklist: true,
      },
    ],
    [
      'memquota',
      'Memquota',
      {
        quotas: [
          {
            name: 'q',
            max_amount: 5_000,
            valid_duration: seconds(1),
            overrides: [{ dimensions: { a: 'b' }, max_amount: 6, valid_duration: seconds(2) }],
          },
        ],
        min_deduplication_duration: seconds(3),
      },
      {
        quotas: [
          {
            name: 'q',
            max_amount: '5000',
            valid_duration: '1s',
            overrides: [{ dimensions: { a: 'b' }, max_amount: 6, valid_duration: '2s' }],
          },
        ],
        min_deduplication_duration: '3s',
      },
    ],
    [
      'stdio',
      'Stdio',
      {
        log_stream: 3,
        severity_levels: { a: 0, b: 2 },
        metric_level: 1,
        output_as_json: true,
        output_level: 2,
        output_path: '/x',
        max_megabytes_before_rotation: 7,
        max_days_before_rotation: 8,
        max_rotated_files: 9,
      },
      {
        log_stream: 'ROTATED_FILE',
        severity_levels: { a: 'INFO', b: 'ERROR' },
        metric_level: 'WARNING',
        output_as_json: true,
        output_level: 'ERROR',
        output_path: '/x',
        max_megabytes_before_rotation: 7,
        max_days_before_rotation: 8,
        max_rotated_files: 9,
      },
    ],
    [
      'prometheus',
      'Prometheus',
      {
        metrics: [
          {
            name: 'n',
            instance_name: 'i',
            description: 'd',
            kind: 2,
            label_names: ['l', 'm'],
            namespace: 's',
          },
          {
            instance_name: 'j',
            kind: 3,
            buckets: { linear_buckets: { num_finite_buckets: 2, width: 1.5, offset: 1 } },
          },
          {
            instance_name: 'k',
            kind: 3,
            buckets: { exponential_buckets: { num_finite_buckets: 2, growth_factor: 2, scale: 3 } },
          },
          { instance_name: 'l', kind: 3, buckets: { explicit_buckets: { bounds: [1, 2.5] } } },
        ],
        metrics_expiration_policy: {
          metrics_expiry_duration: seconds(4),
          expiry_check_interval_duration: seconds(1),
        },
      },
      {
        metrics: [
          {
            name: 'n',
            instance_name: 'i',
            description: 'd',
            kind: 'COUNTER',
            label_names: ['l', 'm'],
            namespace: 's',
          },
          {
            instance_name: 'j',
            kind: 'DISTRIBUTION',
            buckets: { linear_buckets: { num_finite_buckets: 2, width: 1.5, offset: 1 } },
          },
          {
            instance_name: 'k',
            kind: 'DISTRIBUTION',
            buckets: { exponential_buckets: { num_finite_buckets: 2, growth_factor: 2, scale: 3 } },
          },
          { instance_name: 'l', kind: 'DISTRIBUTION', buckets: { explicit_buckets: { bounds: [1, 2.5] } } },
        ],
        metrics_expiration_policy: { metrics_expiry_duration: '4s', expiry_check_interval_duration: '1s' },
      },
    ],
    [
      'kubernetesenv',
      'Kubernetesenv',
      { kubeconfig_path: '/k', cache_refresh_duration: seconds(60), cluster_registries_namespace: 'n' },
      { kubeconfig_path: '/k', cache_refresh_duration: '1m', cluster_registries_namespace: 'n' },
    ],
  ]
  for (const [adapter, message, carried, document] of table) {
    const resolved = fromWire(adapter, bytesOf(message, carried))
    t.match(resolved, { settings: {} }, adapter)
    t.same(resolved, fromDocument(adapter, document), adapter)
  }
})

t.test('what an empty message leaves out has the adapter’s defaults', async t => {
  for (const name of builtinAdapters.keys())
    t.same(fromWire(name, new Uint8Array()), fromDocument(name, {}), name)
})

t.test('each settings message has the name that Istio gave it', async t => {
  const names: Record<string, string> = {
    denier: 'adapter.denier.config.Params',
    kubernetesenv: 'adapter.kubernetesenv.config.Params',
    listchecker: 'adapter.list.config.Params',
    memquota: 'adapter.memquota.config.Params',
    noop: 'google.protobuf.Empty',
    prometheus: 'adapter.prometheus.config.Params',
    stdio: 'adapter.stdio.config.Params',
  }
  for (const [name, adapter] of builtinAdapters) t.equal(adapter.settings.message?.fullName, names[name])
})
