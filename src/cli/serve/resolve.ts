import { readFileSync } from 'node:fs'
import { parse as parseYaml } from 'yaml'
import { CliError } from '../errors.js'
import { type ServeOptionName, type ServeOptions, serveOptions } from './option-table.js'

/** Where options come from, the earlier the stronger. */
export interface OptionSources {
  readonly flags: Readonly<Record<string, unknown>>
  readonly env: Readonly<Record<string, string | undefined>>
  /** Path of a YAML or JSON file; undefined: `OUTBOARD_SETTINGS`, or none. */
  readonly settingsFile: string | undefined
}

/** The environment variable of an option: `drainTimeout` is `OUTBOARD_DRAIN_TIMEOUT`. */
export function variableOf(name: string): string {
  return `OUTBOARD_${name.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase()}`
}

/** The names of all options. */
export function optionNames(): ServeOptionName[] {
  return Object.keys(serveOptions).filter((name): name is ServeOptionName => name in serveOptions)
}

/**
 * Every option from the strongest source that gives it: flag, environment, settings file, default.
 * @throws {CliError} `CLI_BAD_OPTION`, `CLI_FILE_UNREADABLE`
 */
export function resolveServeOptions({ flags, env, settingsFile }: OptionSources): ServeOptions {
  const path = settingsFile ?? env[variableOf('settings')]
  const settings = path === undefined ? {} : readSettings(path)
  const given = (name: ServeOptionName): { readonly text: string; readonly from: string } => {
    const flag = flags[name]
    if (typeof flag === 'string') return { text: flag, from: serveOptions[name].flag.split(' ')[0] ?? name }
    const variable = variableOf(name)
    const value = env[variable]
    if (value !== undefined && value !== '') return { text: value, from: variable }
    const setting = settings[name]
    if (setting !== undefined) return { text: setting, from: `${name} in ${path}` }
    return { text: serveOptions[name].fallback, from: name }
  }
  const read = <Name extends ServeOptionName>(name: Name): ServeOptions[Name] => {
    const { text, from } = given(name)
    const parse: (name: string, text: string) => unknown = serveOptions[name].parse
    return parse(from, text) as ServeOptions[Name]
  }
  return {
    config: read('config'),
    configDefaultNamespace: read('configDefaultNamespace'),
    watch: read('watch'),
    address: read('address'),
    admin: read('admin'),
    doorServer: read('doorServer'),
    sessionCarrier: read('sessionCarrier'),
    tlsCert: read('tlsCert'),
    tlsKey: read('tlsKey'),
    tlsClientCa: read('tlsClientCa'),
    maxMessageSize: read('maxMessageSize'),
    maxConcurrentStreams: read('maxConcurrentStreams'),
    maxConnections: read('maxConnections'),
    maxInFlight: read('maxInFlight'),
    maxRequestsPerSecond: read('maxRequestsPerSecond'),
    burst: read('burst'),
    cache: read('cache'),
    cacheEntries: read('cacheEntries'),
    cacheBytes: read('cacheBytes'),
    redis: read('redis'),
    redisNamespace: read('redisNamespace'),
    redisWait: read('redisWait'),
    reportSpill: read('reportSpill'),
    reportSpillBytes: read('reportSpillBytes'),
    envoyUndecided: read('envoyUndecided'),
    envoyCacheFacts: read('envoyCacheFacts'),
    envoyForwardedHops: read('envoyForwardedHops'),
    envoyForwardedCertificate: read('envoyForwardedCertificate'),
    envoyReporterKind: read('envoyReporterKind'),
    envoyApiKeyHeader: read('envoyApiKeyHeader'),
    envoyJwtPayloadKey: read('envoyJwtPayloadKey'),
    envoyRetryAfter: read('envoyRetryAfter'),
    envoyWwwAuthenticate: read('envoyWwwAuthenticate'),
    envoyLogEntries: read('envoyLogEntries'),
    envoyLogReporterKind: read('envoyLogReporterKind'),
    drainDelay: read('drainDelay'),
    drainTimeout: read('drainTimeout'),
    processes: read('processes'),
    logLevel: read('logLevel'),
    logFormat: read('logFormat'),
    traceSamplingRate: read('traceSamplingRate'),
    otlpEndpoint: read('otlpEndpoint'),
    livenessProbePath: read('livenessProbePath'),
    readinessProbePath: read('readinessProbePath'),
    probeInterval: read('probeInterval'),
  }
}

function readSettings(path: string): Partial<Record<ServeOptionName, string>> {
  let parsed: unknown
  try {
    parsed = parseYaml(readFileSync(path, 'utf8'))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CliError('CLI_FILE_UNREADABLE', `Cannot read settings from ${path}: ${why}`, { cause })
  }
  if (parsed === null || parsed === undefined) return {}
  if (typeof parsed !== 'object' || Array.isArray(parsed))
    throw new CliError('CLI_FILE_UNREADABLE', `Cannot read settings from ${path}: wanted option: value`)
  const settings: Partial<Record<ServeOptionName, string>> = {}
  const names = optionNames()
  for (const [key, value] of Object.entries(parsed)) {
    const name = names.find(known => known === key)
    if (name === undefined)
      throw new CliError(
        'CLI_BAD_OPTION',
        `${path} has an option "${key}", which there is not; known: ${names.join(', ')}`,
      )
    if (typeof value === 'boolean') settings[name] = value ? 'on' : 'off'
    else if (typeof value === 'string' || typeof value === 'number') settings[name] = String(value)
    else
      throw new CliError('CLI_BAD_OPTION', `${path}: option "${key}" must be a text, a number, or on or off`)
  }
  return settings
}
