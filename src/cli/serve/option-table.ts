import { isLogLevel, type LogLevel, logLevels } from '../../mixer/telemetry/index.js'
import { CliError } from '../errors.js'
import { decimalNumber, durationMs } from '../numbers.js'
import { maybeText, maybeWhole, type OptionSpec, oneOf, option, text, whole } from './option-spec.js'
import { redisNamespace, redisServers, redisWait } from './redis-servers.js'
import { reporterKinds } from './reporter-kinds.js'

function level(name: string, given: string): LogLevel {
  // Istio's form `default:info` means the same here, where there is one scope.
  const word = given.replace(/^(default|all):/, '')
  if (isLogLevel(word)) return word
  throw new CliError('CLI_BAD_OPTION', `Cannot use ${name} "${given}": wanted one of ${logLevels.join(', ')}`)
}

/** Every option of `outboard serve`, in the order of its help. */
export const serveOptions = {
  config: option(
    '--config <folder>',
    'the configuration: a folder of YAML documents, or one file',
    '',
    maybeText,
  ),
  configDefaultNamespace: option(
    '--config-default-namespace <name>',
    'the namespace whose rules apply to every request',
    'istio-system',
    text,
  ),
  watch: option(
    '--watch <on|off>',
    'take changes of the configuration as they happen',
    'on',
    oneOf('on', 'off'),
  ),
  address: option(
    '--address <address>',
    'where proxies reach the Mixer API and Envoy’s services: host:port, or unix:///path; several with commas',
    '127.0.0.1:9091',
    text,
  ),
  admin: option('--admin <address>', 'the admin port, host:port; off: none', '127.0.0.1:15014', text),
  doorServer: option(
    '--door-server <name>',
    'who carries gRPC for proxies: http2 (our own on node:http2), or grpc-js (the library; answers alike, costs more)',
    'http2',
    oneOf('http2', 'grpc-js'),
  ),
  sessionCarrier: option(
    '--session-carrier <name>',
    'what carries sessions to adapters: auto (a bare socket where the adapter offers one), or grpc (always a gRPC stream)',
    'auto',
    oneOf('auto', 'grpc'),
  ),
  tlsCert: option(
    '--tls-cert <file>',
    'the server’s certificates, PEM; with it doors speak TLS only',
    '',
    maybeText,
  ),
  tlsKey: option('--tls-key <file>', 'its private key, PEM', '', maybeText),
  tlsClientCa: option(
    '--tls-client-ca <file>',
    'ask callers for certificates that these have signed',
    '',
    maybeText,
  ),
  maxMessageSize: option(
    '--max-message-size <bytes>',
    'largest message a caller may send',
    '1048576',
    whole(1, 1_073_741_824),
  ),
  maxConcurrentStreams: option(
    '--max-concurrent-streams <n>',
    'calls at once on one connection',
    '1024',
    whole(1, 1_000_000),
  ),
  maxConnections: option(
    '--max-connections <n>',
    'connections at once, of each address and process; one more is closed (http2 only)',
    '10000',
    whole(1, 1_000_000),
  ),
  maxInFlight: option(
    '--max-in-flight <n>',
    'requests under way at once; one more is shed',
    '20000',
    whole(1, 10_000_000),
  ),
  maxRequestsPerSecond: option(
    '--max-requests-per-second <n>',
    'more are shed; 0: no limit',
    '0',
    whole(0, 100_000_000),
  ),
  burst: option(
    '--burst <n>',
    'what the rate limit lets pass at once; 0: one second’s worth',
    '0',
    whole(0, 100_000_000),
  ),
  cache: option('--cache <on|off>', 'keep verdicts for as long as adapters allow', 'on', oneOf('on', 'off')),
  cacheEntries: option('--cache-entries <n>', 'verdicts kept at most', '100000', whole(1, 100_000_000)),
  cacheBytes: option(
    '--cache-bytes <n>',
    'memory for verdicts at most, about',
    '134217728',
    whole(1_024, 2 ** 40),
  ),
  redis: option(
    '--redis <servers>',
    'share verdicts with other hosts: redis://host:port, sentinel:NAME@host:port,… or cluster:host:port,…',
    '',
    redisServers,
  ),
  redisNamespace: option(
    '--redis-namespace <name>',
    'keeps installations apart on one Redis',
    'default',
    redisNamespace,
  ),
  redisWait: option(
    '--redis-wait <duration>',
    'longest wait for a shared verdict; beyond it the adapters are asked',
    '5ms',
    redisWait,
  ),
  reportSpill: option(
    '--report-spill <folder>',
    'where reports go that memory has no room for, or that are left at the end; empty: they are dropped',
    '',
    maybeText,
  ),
  reportSpillBytes: option(
    '--report-spill-bytes <n>',
    'bytes there at most, of each process',
    '268435456',
    whole(65_536, 2 ** 44),
  ),
  envoyUndecided: option(
    '--envoy-undecided <form>',
    'a check that nobody could decide becomes, for Envoy: rpc-error, or error-response (Envoy 1.37 and newer)',
    'rpc-error',
    oneOf('rpc-error', 'error-response'),
  ),
  envoyCacheFacts: option(
    '--envoy-cache-facts <shown|hidden>',
    'tell Envoy, as dynamic metadata, whether an answer came from the cache and how long it holds',
    'hidden',
    oneOf('hidden', 'shown'),
  ),
  envoyForwardedHops: option(
    '--envoy-forwarded-hops <n>',
    'trusted entries of x-forwarded-for, from the right; 0: the connection’s peer is the client',
    '0',
    whole(0, 100),
  ),
  envoyForwardedCertificate: option(
    '--envoy-forwarded-certificate <trusted|ignored>',
    'whether x-forwarded-client-cert names the peer',
    'ignored',
    oneOf('ignored', 'trusted'),
  ),
  envoyReporterKind: option(
    '--envoy-reporter-kind <kind>',
    'context.reporter.kind when Envoy does not say, also in access logs',
    'inbound',
    oneOf('inbound', 'outbound'),
  ),
  envoyApiKeyHeader: option(
    '--envoy-api-key-header <name>',
    'the header that carries an API key',
    'x-api-key',
    text,
  ),
  envoyJwtPayloadKey: option(
    '--envoy-jwt-payload-key <name>',
    'where Envoy’s JWT filter leaves the payload; empty: the first object with iss or sub',
    '',
    maybeText,
  ),
  envoyRetryAfter: option(
    '--envoy-retry-after <seconds>',
    'retry-after of answers to exhausted quotas; empty: none',
    '',
    maybeWhole(1, 86_400),
  ),
  envoyWwwAuthenticate: option(
    '--envoy-www-authenticate <value>',
    'www-authenticate of 401 answers; empty: none',
    '',
    maybeText,
  ),
  envoyLogEntries: option(
    '--envoy-log-entries <end|all>',
    'which access log entries are reported: one per request or connection, or every one',
    'end',
    oneOf('end', 'all'),
  ),
  envoyLogReporterKind: option(
    '--envoy-log-reporter-kind <name=kind>',
    'context.reporter.kind of the access log of this name, name=inbound or name=outbound; several with commas',
    '',
    reporterKinds,
  ),
  drainDelay: option(
    '--drain-delay <duration>',
    'after SIGTERM, how long to say “not ready” and still serve, so that load balancers notice first',
    '0s',
    durationMs,
  ),
  drainTimeout: option('--drain-timeout <duration>', 'how long to finish after SIGTERM', '10s', durationMs),
  processes: option('--processes <n>', 'processes behind the one address', '1', whole(1, 256)),
  logLevel: option('--log-level <level>', `how much is logged: ${logLevels.join(', ')}`, 'info', level),
  logFormat: option(
    '--log-format <form>',
    'json; text for people; auto: text on a terminal',
    'auto',
    oneOf('auto', 'json', 'text'),
  ),
  traceSamplingRate: option(
    '--trace-sampling-rate <share>',
    'share of requests traced when the caller does not decide, 0 to 1',
    '0',
    (name, given) => decimalNumber(name, given, 0, 1),
  ),
  otlpEndpoint: option(
    '--otlp-endpoint <url>',
    'send metrics and traces there over OTLP/HTTP; OTEL_* variables work, too',
    '',
    maybeText,
  ),
  livenessProbePath: option(
    '--liveness-probe-path <file>',
    'a file that is touched while the process lives',
    '',
    maybeText,
  ),
  readinessProbePath: option(
    '--readiness-probe-path <file>',
    'a file that is there while requests are welcome',
    '',
    maybeText,
  ),
  probeInterval: option(
    '--probe-interval <duration>',
    'twice in it the files are brought up to date',
    '5s',
    durationMs,
  ),
} as const

export type ServeOptionName = keyof typeof serveOptions

/** All options, complete. */
export type ServeOptions = {
  readonly [Name in ServeOptionName]: (typeof serveOptions)[Name] extends OptionSpec<infer T> ? T : never
}
