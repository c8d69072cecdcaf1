// Envoy's bootstrap, as the data that becomes its JSON. Field names: reference wire-envoy-auth, sections 5 and 9.

const api = 'type.googleapis.com/envoy.extensions'

export interface Places {
  /** The hosts of the cluster `outboard`, `127.0.0.1:port`. */
  readonly hosts: readonly string[]
  readonly httpPort: number
  readonly echoPort: number
  /** The file of the text access log. */
  readonly textLog: string
}

/**
 * Three listeners: `web` (a check that cannot be decided is refused), `lenient` (it passes), `raw` (TCP). Every port is
 * chosen by the system.
 */
export function bootstrap(places: Places): unknown {
  return {
    admin: { address: loopback(0) },
    node: { id: 'interop', cluster: 'interop' },
    static_resources: {
      listeners: [
        httpListener('web', false, places.textLog),
        httpListener('lenient', true, places.textLog),
        rawListener(),
      ],
      clusters: [
        outboardCluster(places.hosts),
        cluster('app', [`127.0.0.1:${places.httpPort}`]),
        cluster('echo', [`127.0.0.1:${places.echoPort}`]),
      ],
    },
  }
}

function httpListener(name: string, failureModeAllow: boolean, textLog: string) {
  const hcm = {
    '@type': `${api}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: name,
    access_log: [httpLog(name), file(textLog)],
    http_filters: [
      {
        name: 'envoy.filters.http.ext_authz',
        typed_config: {
          '@type': `${api}.filters.http.ext_authz.v3.ExtAuthz`,
          transport_api_version: 'V3',
          grpc_service: service({ timeout: '5s', retry_policy: elsewhere }),
          failure_mode_allow: failureModeAllow,
          status_on_error: { code: 503 },
          stat_prefix: name,
        },
      },
      {
        name: 'envoy.filters.http.router',
        typed_config: { '@type': `${api}.filters.http.router.v3.Router` },
      },
    ],
    route_config: {
      virtual_hosts: [
        {
          name: 'all',
          domains: ['*'],
          routes: [{ match: { prefix: '/' }, route: { cluster: 'app' } }],
        },
      ],
    },
  }
  return listener(name, [{ name: 'hcm', typed_config: hcm }])
}

function rawListener() {
  return listener('raw', [
    {
      name: 'envoy.filters.network.ext_authz',
      typed_config: {
        '@type': `${api}.filters.network.ext_authz.v3.ExtAuthz`,
        stat_prefix: 'raw',
        transport_api_version: 'V3',
        grpc_service: service({ timeout: '5s' }),
      },
    },
    {
      name: 'envoy.filters.network.tcp_proxy',
      typed_config: {
        '@type': `${api}.filters.network.tcp_proxy.v3.TcpProxy`,
        stat_prefix: 'raw',
        cluster: 'echo',
        access_log: [
          {
            name: 'als',
            typed_config: {
              '@type': `${api}.access_loggers.grpc.v3.TcpGrpcAccessLogConfig`,
              common_config: commonLog('raw'),
            },
          },
        ],
      },
    },
  ])
}

/** A call that a host refuses because it is leaving goes to another one. */
const elsewhere = {
  retry_on: 'connect-failure,refused-stream,reset,unavailable',
  num_retries: 3,
  // Envoy takes the longest interval as the time for each try, too.
  retry_back_off: { base_interval: '0.01s', max_interval: '2s' },
  retry_host_predicate: [
    {
      name: 'envoy.retry_host_predicates.previous_hosts',
      typed_config: { '@type': `${api}.retry.host.previous_hosts.v3.PreviousHostsPredicate` },
    },
  ],
  host_selection_retry_max_attempts: 3,
}

function httpLog(name: string) {
  return {
    name: 'als',
    typed_config: {
      '@type': `${api}.access_loggers.grpc.v3.HttpGrpcAccessLogConfig`,
      common_config: commonLog(name),
      additional_request_headers_to_log: ['user'],
    },
  }
}

const commonLog = (name: string) => ({
  log_name: name,
  transport_api_version: 'V3',
  buffer_flush_interval: '0.1s',
  grpc_service: service({}),
})

function file(path: string) {
  const format =
    '%REQ(:PATH)% %RESPONSE_CODE% %RESPONSE_CODE_DETAILS% %DYNAMIC_METADATA(envoy.filters.http.ext_authz)%\n'
  return {
    name: 'file',
    typed_config: {
      '@type': `${api}.access_loggers.file.v3.FileAccessLog`,
      path,
      log_format: { text_format_source: { inline_string: format } },
    },
  }
}

function service(more: Readonly<Record<string, unknown>>) {
  return { envoy_grpc: { cluster_name: 'outboard' }, ...more }
}

function listener(name: string, filters: readonly unknown[]) {
  return { name, address: loopback(0), filter_chains: [{ filters }] }
}

function outboardCluster(hosts: readonly string[]) {
  return {
    ...cluster('outboard', hosts),
    // By default three retries at once are all that Envoy makes.
    circuit_breakers: { thresholds: [{ max_retries: 100 }] },
    common_lb_config: { healthy_panic_threshold: { value: 0 } },
    health_checks: [
      {
        timeout: '1s',
        interval: '0.2s',
        no_traffic_interval: '0.2s',
        unhealthy_threshold: 1,
        healthy_threshold: 1,
        grpc_health_check: { service_name: 'envoy.service.auth.v3.Authorization' },
      },
    ],
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
        '@type': `${api}.upstreams.http.v3.HttpProtocolOptions`,
        explicit_http_config: { http2_protocol_options: {} },
      },
    },
  }
}

function cluster(name: string, addresses: readonly string[]) {
  const endpoints = addresses.map(address => {
    const [, port = '0'] = address.split(':')
    return { endpoint: { address: loopback(Number(port)) } }
  })
  return {
    name,
    type: 'STATIC',
    connect_timeout: '1s',
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: endpoints }] },
  }
}

function loopback(port: number) {
  return { socket_address: { address: '127.0.0.1', port_value: port } }
}
