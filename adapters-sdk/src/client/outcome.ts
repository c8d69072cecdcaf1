import { Code } from '../code.js'
import type { ClientHeaderOperation, Directive, Precondition } from './answer.js'
import type { FailPolicy } from './options.js'
import type { RpcStatus } from './transport.js'

/** What a proxy is to do with a request. */
export interface CheckOutcome {
  /** Whether `status` is OK. A directive may say to answer directly all the same: see {@link localReply}. */
  readonly allowed: boolean
  /** Code 0, or why not. */
  readonly status: { readonly code: number; readonly message: string }
  readonly directive: Directive | undefined
  /** Whether the verdict came from the client's cache: what a proxy reports as `check.cache_hit`. */
  readonly fromCache: boolean
  /** Whether every quota came from a stock (`quota.cache_hit`); undefined when none was asked for. */
  readonly quotaFromCache: boolean | undefined
  /** Names of the quotas that had nothing left; they are why, when there are any. */
  readonly exhausted: readonly string[]
  /** The gRPC status that stood instead of an answer, when the fail policy decided; undefined otherwise. */
  readonly failure: RpcStatus | undefined
}

const ok = { code: 0, message: '' } as const

/** The verdict of the server as the client's policy takes it. Source: reference proxy-client, section 5. */
export function statusOf(verdict: Precondition | undefined, failPolicy: FailPolicy): CheckOutcome['status'] {
  if (verdict === undefined) return { code: Code.INVALID_ARGUMENT, message: 'the answer has no verdict' }
  if (verdict.code === Code.INTERNAL && failPolicy === 'open') return ok
  return { code: verdict.code, message: verdict.message }
}

/** The outcome of a verdict and of the quotas that had nothing left. */
export function outcomeOf(
  status: CheckOutcome['status'],
  directive: Directive | undefined,
  fromCache: boolean,
  quotas: {
    readonly fromCache: boolean | undefined
    readonly exhausted: readonly string[]
  },
): CheckOutcome {
  const { exhausted, fromCache: quotaFromCache } = quotas
  const final = status.code === 0 && exhausted.length > 0 ? exhaustedStatus(exhausted) : status
  const allowed = final.code === 0
  return { allowed, status: final, directive, fromCache, quotaFromCache, exhausted, failure: undefined }
}

function exhaustedStatus(names: readonly string[]): CheckOutcome['status'] {
  return { code: Code.RESOURCE_EXHAUSTED, message: `Quota is exhausted for: ${names.join(', ')}` }
}

/** An HTTP answer that a proxy gives by itself. */
export interface LocalReply {
  readonly httpStatus: number
  readonly body: string
  /** For the answer's headers, in order. */
  readonly headers: readonly ClientHeaderOperation[]
}
