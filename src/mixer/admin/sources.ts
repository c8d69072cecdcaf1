import type { LogLevel } from '../telemetry/index.js'

/** Everything that the admin port tells and does, as functions: whoever composes the host fills them in. */
export interface AdminSources {
  /** Plain text for `/version`. */
  readonly version: string
  /** The scrape, in the Prometheus text format. */
  metrics(): string
  readiness(): Readiness
  /** JSON-like; bigint and Map are allowed in it. */
  status(): unknown
  /** What was wrong with the last configuration that was refused; undefined when the last one went live. */
  configProblems(): unknown
  readonly cache: CacheControls | undefined
  readonly log: { level: LogLevel }
}

/** Whether the host should be sent requests, and why not. */
export interface Readiness {
  readonly ready: boolean
  readonly conditions: readonly Condition[]
}

/** One thing that must hold before requests are welcome. */
export interface Condition {
  readonly name: string
  readonly met: boolean
  /** For people; empty when there is nothing to say. */
  readonly reason: string
}

/** What an operator can do to the verdict cache. */
export interface CacheControls {
  /** Forgets everything, or what one handler took part in, or what it gave under a key. */
  flush(handler: string | undefined, key: string | undefined): Flushed
  /** JSON-like: hit ratio, shapes, and the attributes that split the cache most. */
  explain(): unknown
}

/** What came of a flush. */
export type Flushed =
  /** `handler`: the full name of the one that was named. */
  | { readonly kind: 'flushed'; readonly handler: string | undefined }
  /** No handler in force has the name; `nearest`: one that is most like it. */
  | { readonly kind: 'unknown'; readonly nearest: string | undefined }
  /** Several handlers have it as a short name. */
  | { readonly kind: 'ambiguous'; readonly ids: readonly string[] }

/** `ready` exactly when every condition is met. */
export function readiness(conditions: readonly Condition[]): Readiness {
  return { ready: conditions.every(({ met }) => met), conditions }
}
