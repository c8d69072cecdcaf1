import type { HeaderOperation, Metadata } from '@outboard/adapters-sdk'
import type { AttributeBag, References, Vocabulary } from '../attributes/index.js'
import type { CancelHook } from './ports.js'

/** What doors see of the engine. */
export interface Engine {
  /** The snapshot in force, held for one request. Cheap; call it first, decode for its vocabulary, then ask it. */
  pin(): Pinned
}

/** One snapshot, for one request. */
export interface Pinned {
  readonly vocabulary: Vocabulary
  readonly snapshotId: number
  /** Adds API attributes for callers whose proxy does not (`api.*`, `request.api_key`). */
  addApiAttributes(bag: AttributeBag): void
  /** The quotas to charge a caller that cannot name them. */
  quotaCharges(bag: AttributeBag): ReadonlyMap<string, bigint>
  /** Never rejects. */
  check(bag: AttributeBag, request: CheckRequest): Promise<CheckAnswer>
  /** Takes the bags of one report into the handlers' queues; resolves when taken (or refused). Never rejects. */
  report(bags: readonly AttributeBag[], request: ReportRequest): Promise<ReportAnswer>
}

export interface RequestContext {
  /** The door's name, for metrics: `mixer`, `ext_authz`, `als`. */
  readonly door: string
  /** The caller's deadline, milliseconds since the epoch; `Infinity` when it set none. */
  readonly deadline: number
  /** W3C trace context of the caller; undefined when it sent none. */
  readonly traceparent: string | undefined
}

export interface CheckRequest extends RequestContext {
  /** Empty: none was sent; then nothing is deduplicated. */
  readonly deduplicationId: string
  readonly quotas: readonly QuotaAsked[]
  /** The door sets one so that the engine hears of a caller that has gone. */
  readonly onCancel: CancelHook | undefined
}

export interface QuotaAsked {
  readonly name: string
  readonly amount: bigint
  readonly bestEffort: boolean
}

/** The engine's combined answer. A check that could not be decided is `undecided`, never quietly an allow. */
export type CheckAnswer = Decided | Undecided

export interface Decided {
  readonly kind: 'decided'
  /** A `google.rpc.Code`; 0: allowed. */
  readonly code: number
  /** `<handler>:<message>` of each denial, in rule order, joined with `, `. */
  readonly message: string
  /** Milliseconds; 0: not reusable. */
  readonly validForMs: number
  /** -1: without limit; 0: not reusable. */
  readonly validUses: number
  /** What the answer depends on. */
  readonly references: References
  readonly directive: RouteDirective | undefined
  readonly metadata: Metadata
  /** One for each quota asked for; empty when denied. */
  readonly quotas: readonly QuotaAnswer[]
  readonly fromCache: boolean
}

export interface Undecided {
  readonly kind: 'undecided'
  /**
   * - `OVERLOADED`: admission shed it
   * - `PRODUCE_FAILED`, `CHECK_FAILED`: a handler or an instance failed and its policy is `caller`
   * - `DEADLINE`: the caller's deadline passed
   */
  readonly reason: 'OVERLOADED' | 'PRODUCE_FAILED' | 'CHECK_FAILED' | 'DEADLINE'
  readonly message: string
}

export interface RouteDirective {
  readonly operations: readonly HeaderOperation[]
  /** HTTP status of an immediate answer; 0: none. */
  readonly directStatus: number
  readonly directBody: string
}

export interface QuotaAnswer {
  readonly name: string
  /** 0: answered by `amount`. INTERNAL: nobody could decide, and the caller's own fail policy must; `amount` is 0. */
  readonly code: number
  readonly message: string
  readonly amount: bigint
  readonly validForMs: number
  readonly references: References
}

export type ReportRequest = RequestContext

/** `taken`: every instance is in a queue or delivered. `failed`: some were not; the others were. */
export type ReportAnswer =
  | { readonly kind: 'taken' }
  | { readonly kind: 'failed'; readonly problems: readonly string[] }
  | { readonly kind: 'overloaded' }
