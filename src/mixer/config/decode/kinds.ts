/** The kinds that have a message of their own. */
export const ownKinds = [
  'attributemanifest',
  'template',
  'adapter',
  'handler',
  'instance',
  'rule',
  'QuotaSpec',
  'QuotaSpecBinding',
  'HTTPAPISpec',
  'HTTPAPISpecBinding',
] as const
export type OwnKind = (typeof ownKinds)[number]

/** The older instance kinds: each is the name of a built-in template, and its spec is that template's params. */
export const templateKinds: ReadonlySet<string> = new Set([
  'apikey',
  'authorization',
  'checknothing',
  'edge',
  'kubernetes',
  'listentry',
  'logentry',
  'metric',
  'quota',
  'reportnothing',
  'tracespan',
])

/** The older handler kinds: each is the name of an adapter that was compiled in, and its spec is that adapter's params. */
export const adapterKinds: ReadonlySet<string> = new Set([
  'bypass',
  'circonus',
  'cloudwatch',
  'denier',
  'dogstatsd',
  'fluentd',
  'kubernetesenv',
  'listchecker',
  'memquota',
  'noop',
  'opa',
  'prometheus',
  'rbac',
  'redisquota',
  'signalfx',
  'solarwinds',
  'stackdriver',
  'statsd',
  'stdio',
  'zipkin',
])

export function isOwnKind(kind: string): kind is OwnKind {
  return ownKinds.some(known => known === kind)
}
