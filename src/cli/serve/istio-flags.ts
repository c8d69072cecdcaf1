/** Flags of Istio's `mixs server` that mean the same here under another name: what they become. */
const istioFlags: ReadonlyMap<string, (value: string) => readonly [flag: string, value: string]> = new Map([
  ['-p', port => ['--address', `0.0.0.0:${port}`]],
  ['--port', port => ['--address', `0.0.0.0:${port}`]],
  ['--monitoringPort', port => ['--admin', `0.0.0.0:${port}`]],
  ['--configStoreURL', url => ['--config', url.replace(/^fs:\/\//, '')]],
  ['--configDefaultNamespace', name => ['--config-default-namespace', name]],
  ['--maxMessageSize', bytes => ['--max-message-size', bytes]],
  ['--maxConcurrentStreams', n => ['--max-concurrent-streams', n]],
  ['--maxRequestsPerSecond', n => ['--max-requests-per-second', n]],
  ['--burstSize', n => ['--burst', n]],
  ['--numCheckCacheEntries', n => (n === '0' ? ['--cache', 'off'] : ['--cache-entries', n])],
  ['--trace_sampling_rate', share => ['--trace-sampling-rate', share]],
  ['--log_output_level', level => ['--log-level', level]],
  ['--livenessProbePath', path => ['--liveness-probe-path', path]],
  ['--readinessProbePath', path => ['--readiness-probe-path', path]],
  ['--livenessProbeInterval', duration => ['--probe-interval', duration]],
  ['--readinessProbeInterval', duration => ['--probe-interval', duration]],
])

/** A command line of `serve` with Istio's flags put into ours; everything else as it was. */
export function translateIstioFlags(args: readonly string[]): string[] {
  const translated: string[] = []
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? ''
    const equals = arg.indexOf('=')
    const name = equals < 0 ? arg : arg.slice(0, equals)
    const become = istioFlags.get(name)
    if (become === undefined) translated.push(arg)
    else translated.push(...become(equals < 0 ? (args[++i] ?? '') : arg.slice(equals + 1)))
  }
  return translated
}
