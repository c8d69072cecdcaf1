import type { AdapterError } from './errors.js'

/** What a caller asks of a quota. */
export interface QuotaRequest {
  /** Units wanted; negative releases, for adapters that can. */
  readonly amount: bigint
  /** `true`: a part of the amount is acceptable. */
  readonly bestEffort: boolean
}

/** A handler's answer to a quota request. */
export type Grant =
  /** `amount` 0 means: nothing left. `validForMs`: how long the grant holds; 0: it does not expire or is not stated. */
  | { readonly kind: 'granted'; readonly amount: bigint; readonly validForMs: number }
  | { readonly kind: 'refused'; readonly code: number; readonly message: string; readonly validForMs: number }
  | { readonly kind: 'failed'; readonly error: AdapterError }

export function granted(amount: bigint | number, validForMs = 0): Grant {
  return { kind: 'granted', amount: BigInt(amount), validForMs }
}
