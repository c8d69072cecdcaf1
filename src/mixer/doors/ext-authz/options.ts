import { positive } from '../range.js'

export interface ExtAuthzOptions {
  /**
   * Which entry of `x-forwarded-for`, counted from the right, is the client (`origin.ip`); every entry from there on
   * must have been added by a proxy that is trusted. 0: the connection's peer. At most 100. Default: 0.
   */
  readonly forwardedHops?: number
  /**
   * Whether `x-forwarded-client-cert` names the peer when the proxy itself names none. Only where the proxy in front
   * removes what clients send under this name. Default: `ignored`.
   */
  readonly forwardedCertificate?: 'ignored' | 'trusted'
  /** The header that carries an API key. Default: `x-api-key`. */
  readonly apiKeyHeader?: string
  /** The name under which Envoy's JWT filter leaves the payload. Default: the first object with `iss` or `sub`. */
  readonly jwtPayloadKey?: string
  /** `context.reporter.kind` when the proxy does not say (metadata `outboard-reporter-kind`). Default: `inbound`. */
  readonly reporterKind?: 'inbound' | 'outbound'
  /**
   * What a check that could not be decided becomes: `rpc-error` (every Envoy; the filter's own fail policy decides), or
   * `error-response` (Envoy 1.37 and later; carries a status and a body). Default: `rpc-error`.
   */
  readonly undecided?: 'rpc-error' | 'error-response'
  /** Whether `from_cache` and `valid_for_ms` are told in the dynamic metadata. Default: `hidden`. */
  readonly cacheFacts?: 'hidden' | 'shown'
  /** The `www-authenticate` header of 401 answers. Default: none. */
  readonly wwwAuthenticate?: string
  /** The `retry-after` header of answers to exhausted quotas, seconds. Default: none. */
  readonly retryAfterSeconds?: number
  /** Certificates whose parsed form is kept. Default: 1,000. */
  readonly maxCertificates?: number
  /** Pairs of a query that become `request.query_params`; the rest is left out. Default: 1,000. */
  readonly maxQueryPairs?: number
}

export interface ResolvedExtAuthz {
  readonly forwardedHops: number
  readonly forwardedCertificate: 'ignored' | 'trusted'
  readonly apiKeyHeader: string
  readonly jwtPayloadKey: string | undefined
  readonly reporterKind: 'inbound' | 'outbound'
  readonly undecided: 'rpc-error' | 'error-response'
  readonly cacheFacts: 'hidden' | 'shown'
  readonly wwwAuthenticate: string | undefined
  readonly retryAfterSeconds: number | undefined
  readonly maxCertificates: number
  readonly maxQueryPairs: number
}

/** Fills the defaults in. @throws {RangeError} naming the option that is out of its range. */
export function resolveExtAuthz(options: ExtAuthzOptions = {}): ResolvedExtAuthz {
  const { forwardedHops = 0, retryAfterSeconds } = options
  if (!Number.isInteger(forwardedHops) || forwardedHops < 0 || forwardedHops > 100)
    throw new RangeError(`forwardedHops: wanted an integer from 0 to 100, found ${forwardedHops}`)
  return {
    forwardedHops,
    forwardedCertificate: options.forwardedCertificate ?? 'ignored',
    apiKeyHeader: (options.apiKeyHeader ?? 'x-api-key').toLowerCase(),
    jwtPayloadKey: options.jwtPayloadKey,
    reporterKind: options.reporterKind ?? 'inbound',
    undecided: options.undecided ?? 'rpc-error',
    cacheFacts: options.cacheFacts ?? 'hidden',
    wwwAuthenticate: options.wwwAuthenticate,
    retryAfterSeconds:
      retryAfterSeconds === undefined ? undefined : positive('retryAfterSeconds', retryAfterSeconds),
    maxCertificates: positive('maxCertificates', options.maxCertificates ?? 1_000),
    maxQueryPairs: positive('maxQueryPairs', options.maxQueryPairs ?? 1_000),
  }
}
