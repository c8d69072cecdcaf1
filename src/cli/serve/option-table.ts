import { isLogLevel, type LogLevel, logLevels } from '../../mixer/telemetry/index.js'
import { CliError } from '../errors.js'
import { decimalNumber, durationMs, wholeNumber } from '../numbers.js'

/** One option of the host: the same under a flag, in the environment, and in the settings file. */
export interface OptionSpec<T> {
  /** Commander's form, `--drain-timeout <duration>`. */
  readonly flag: string
  /** Meaning, unit and limits. */
  readonly help: string
  /** As it would be written on the command line; empty: unset. */
  readonly fallback: string
  /** Reads the text. `name` is how the user gave it, for the error. */
  readonly parse: (name: string, text: string) => T
}

function option<T>(
  flag: string,
  help: string,
  fallback: string,
  parse: OptionSpec<T>['parse'],
): OptionSpec<T> {
  return { flag, help, fallback, parse }
}

const text = (_: string, given: string): string => given
const maybeText = (_: string, given: string): string | undefined => (given === '' ? undefined : given)
const whole =
  (least: number, most?: number) =>
  (name: string, given: string): number =>
    wholeNumber(name, given, least, most)

/** A word out of a few. */
function oneOf<const Word extends string>(...words: readonly Word[]) {
  return (name: string, given: string): Word => {
    const word = words.find(known => known === given)
    if (word === undefined)
      throw new CliError('CLI_BAD_OPTION', `Cannot use ${name} "${given}": wanted ${words.join(' or ')}`)
    return word
  }
}

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
    'where proxies reach the Mixer API and Envoy’s services: host:port, or unix:///path',
    '127.0.0.1:9091',
    text,
  ),
  admin: option('--admin <address>', 'the admin port, host:port; off: none', '127.0.0.1:15014', text),
  doorServer: option(
    '--door-server <name>',
    'who carries gRPC for proxies: grpc-js (the library), or http2 (our own; answers alike, costs less)',
    'grpc-js',
    oneOf('grpc-js', 'http2'),
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
