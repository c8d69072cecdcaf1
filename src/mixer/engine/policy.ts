import { type AdapterError, Code, type Verdict } from '@outboard/adapters-sdk'
import type { PartDecision } from './combine.js'
import type { HandlerSpec } from './ports.js'

/** What a handler's verdict, or the lack of one, comes to. */
export type Applied =
  | { readonly kind: 'decided'; readonly decision: PartDecision; readonly by: 'handler' | 'policy' }
  /** Nobody decided: the caller's own fail policy must. */
  | { readonly kind: 'undecided'; readonly message: string }

/** The last valid answer to the same question, for the policy `cached`. */
export type Recall = () => Verdict | undefined

/** Applies the failure policy of a handler to what it answered. */
export function applyPolicy(spec: HandlerSpec, verdict: Verdict, recall: Recall): Applied {
  switch (verdict.kind) {
    case 'allow':
    case 'deny':
      return { kind: 'decided', decision: verdict, by: 'handler' }
    case 'failed':
      return failed(spec, verdict.error, recall)
  }
}

function failed(spec: HandlerSpec, error: AdapterError, recall: Recall): Applied {
  const policy = spec.guard.onFailure
  if (policy.kind === 'cached') {
    const last = recall()
    if (last !== undefined && last.kind !== 'failed') return { kind: 'decided', decision: last, by: 'policy' }
    return settle(policy.then, error)
  }
  return settle(policy.kind, error)
}

function settle(policy: 'caller' | 'open' | 'closed', error: AdapterError): Applied {
  switch (policy) {
    case 'caller':
      return { kind: 'undecided', message: error.message }
    case 'open':
      return {
        kind: 'decided',
        by: 'policy',
        decision: { kind: 'allow', caching: { kind: 'do-not-cache' }, headers: [], metadata: {} },
      }
    case 'closed':
      return {
        kind: 'decided',
        by: 'policy',
        decision: {
          kind: 'deny',
          code: Code.UNAVAILABLE,
          message: 'the adapter could not be asked',
          direct: undefined,
          caching: { kind: 'do-not-cache' },
          metadata: {},
        },
      }
  }
}
