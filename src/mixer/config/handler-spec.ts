import type { TemplateDefinition } from '@outboard/adapters-sdk'

/** A handler as configured: everything that a placement needs to open it, and the engine to guard it. */
export interface HandlerSpec {
  /** Fully qualified: `name.handler.namespace`, or `name.<adapter kind>.namespace` for the older kinds. */
  readonly id: string
  /** As it stands in denial messages: `name.namespace` for built-in adapters, else the `id`. */
  readonly displayName: string
  /** The adapter's name: a built-in one (`denier`), or that of an `adapter` document, or what the session announced. */
  readonly adapter: string
  readonly placement: HandlerPlacement
  /** `params`, JSON-like, as configured; checked by the adapter. */
  readonly settings: unknown
  /** `params` as Istio's unary services take them; undefined when the adapter declares no configuration message. */
  readonly settingsAny: { readonly typeUrl: string; readonly value: Uint8Array } | undefined
  readonly connection: ConnectionSpec | undefined
  readonly guard: GuardSpec
  /** Whether verdicts of this handler may be kept (`cache`). Default: `true`. */
  readonly cacheable: boolean
  /** The templates of the instances below, by name. */
  readonly templates: ReadonlyMap<string, TemplateDefinition>
  /** Every instance that some rule sends here. */
  readonly instances: readonly { readonly name: string; readonly template: string }[]
  /** Equal signature, equal handler: it keeps its identity (and its counters) across snapshots. */
  readonly signature: string
}

/**
 * Where a handler runs. `auto` (an address is given and nothing else is said): the session, or Istio's unary services
 * when the adapter answers UNIMPLEMENTED.
 */
export type HandlerPlacement = 'in-process' | 'auto' | 'session' | 'unary'

export interface ConnectionSpec {
  /** gRPC targets: `host:port`, `dns:///host:port`, `unix:///path`. At least one; each is an endpoint of its own. */
  readonly addresses: readonly string[]
  /** `timeout`: the deadline of one call, milliseconds; undefined: the guard's. */
  readonly timeoutMs: number | undefined
  readonly authentication: AuthenticationSpec
  /** Names that the peer's certificate must carry (DNS name or SPIFFE URI), any one of them. Empty: the placement's rule. */
  readonly peerNames: readonly string[]
  /** Plaintext to an address that is not loopback must be asked for. Default: `false`. */
  readonly allowPlaintext: boolean
}

/** Source: `istio.policy.v1beta1.Authentication`. All paths are files. */
export type AuthenticationSpec =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'tls'
      readonly caCertificates: string | undefined
      readonly serverName: string | undefined
      readonly token: TokenSpec | undefined
    }
  | {
      readonly kind: 'mutual'
      readonly privateKey: string
      readonly clientCertificate: string
      readonly caCertificates: string | undefined
      readonly serverName: string | undefined
    }

export type TokenSpec =
  | { readonly source: 'file'; readonly path: string; readonly header: TokenHeader }
  | {
      readonly source: 'oauth'
      readonly clientId: string
      readonly clientSecretPath: string
      readonly tokenUrl: string
      readonly scopes: readonly string[]
      readonly endpointParams: ReadonlyMap<string, string>
    }

export type TokenHeader =
  | { readonly kind: 'authorization-plain' }
  | { readonly kind: 'authorization-bearer' }
  | { readonly kind: 'custom'; readonly name: string }

/** How the engine protects itself from a handler. Every field is complete; configuration fills the defaults in. */
export interface GuardSpec {
  /** Longest wait for one answer, milliseconds. Default: 1,000 (`connection.timeout` when that is given). */
  readonly deadlineMs: number
  /** Calls at once; one more is failed with ADAPTER_OVERLOADED. Default: 1,024. */
  readonly maxConcurrency: number
  readonly breaker: {
    /** Failures in a row that open the breaker. Default: 20. 0: no breaker. */
    readonly failures: number
    /** How long it stays open before one call may try, milliseconds. Default: 1,000. */
    readonly openMs: number
  }
  /** What a failed verdict means. Default: `caller`. */
  readonly onFailure: FailurePolicy
  /** Reports. `maxItems` instances or `maxBytes` or `maxAgeMs`, whichever comes first, make a batch. */
  readonly report: {
    /** Default: 100. */
    readonly maxItems: number
    /** Default: 262,144. */
    readonly maxBytes: number
    /** Default: 1,000. 0: each report is passed on at once. */
    readonly maxAgeMs: number
    /** Instances that may wait while the adapter is away. Default: 10,000; when full the oldest is dropped and counted. */
    readonly maxQueued: number
  }
}

/**
 * - `caller`: the door answers with an RPC error, so that the proxy's own fail policy decides (as upstream)
 * - `open`: as if the handler had allowed, without opinion on caching
 * - `closed`: a denial, UNAVAILABLE
 * - `cached`: the last valid answer to the same question for at most `maxAgeMs`, then `then`
 */
export type FailurePolicy =
  | { readonly kind: 'caller' }
  | { readonly kind: 'open' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'cached'; readonly maxAgeMs: number; readonly then: 'caller' | 'open' | 'closed' }
