import type { Caching, DirectResponse, HeaderOperation, Metadata } from '@outboard/adapters-sdk'

/** How long a combined answer may be kept, before defaults. */
export type Validity =
  /** Nobody was asked, or nobody had an opinion. */
  | { readonly kind: 'open' }
  | { readonly kind: 'none' }
  | { readonly kind: 'valid'; readonly forMs: number; readonly uses: number }

/** What upstream answers when nobody had an opinion. Source: reference dispatch, section 4. */
export const defaultValidity = { forMs: 60_000, uses: 10_000 } as const

/** The shorter of two; -1 uses means without limit. */
export function shorter(validity: Validity, caching: Caching): Validity {
  switch (caching.kind) {
    case 'no-opinion':
      return validity
    case 'do-not-cache':
      return { kind: 'none' }
    case 'valid':
      switch (validity.kind) {
        case 'none':
          return validity
        case 'open':
          return caching
        case 'valid':
          return {
            kind: 'valid',
            forMs: Math.min(validity.forMs, caching.forMs),
            uses: fewerUses(validity.uses, caching.uses),
          }
      }
  }
}

function fewerUses(a: number, b: number): number {
  if (a < 0) return b
  if (b < 0) return a
  return Math.min(a, b)
}

/** One verdict as it takes part in the answer: after its failure policy, so it allows or denies. */
export interface Part {
  /** How the handler is called in messages. */
  readonly displayName: string
  readonly decision: PartDecision
}

export type PartDecision =
  | {
      readonly kind: 'allow'
      readonly caching: Caching
      readonly headers: readonly HeaderOperation[]
      readonly metadata: Metadata
    }
  | {
      readonly kind: 'deny'
      readonly code: number
      readonly message: string
      readonly direct: DirectResponse | undefined
      readonly caching: Caching
      readonly metadata: Metadata
    }

export interface Combined {
  /** 0: allowed. */
  readonly code: number
  readonly message: string
  readonly direct: DirectResponse | undefined
  readonly validity: Validity
  readonly metadata: Metadata
}

const nobody: Combined = { code: 0, message: '', direct: undefined, validity: { kind: 'open' }, metadata: {} }

/**
 * Combines verdicts in the order given, which is rule order, never order of arrival: the first denial gives the code
 * and the direct response, the messages of all denials are joined, the shortest validity counts, and of equal
 * metadata names the first value stays.
 */
export function combine(parts: readonly Part[]): Combined {
  if (parts.length === 0) return nobody
  let code = 0
  let message = ''
  let direct: DirectResponse | undefined
  let validity: Validity = { kind: 'open' }
  let metadata: Metadata = {}
  for (const { displayName, decision } of parts) {
    validity = shorter(validity, decision.caching)
    if (Object.keys(decision.metadata).length > 0) metadata = { ...decision.metadata, ...metadata }
    if (decision.kind === 'allow') continue
    // A denial without opinion is not reused: upstream answers 0 and 0.
    if (decision.caching.kind === 'no-opinion') validity = { kind: 'none' }
    const text = `${displayName}:${decision.message}`
    if (code === 0) {
      code = decision.code
      direct = decision.direct
      message = text
    } else message += `, ${text}`
  }
  return { code, message, direct, validity, metadata }
}
