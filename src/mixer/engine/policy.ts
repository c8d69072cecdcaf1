import { type AdapterError, type Allow, Code, type Verdict } from '@outboard/adapters-sdk'
import type { PartDecision } from './combine.js'
import type { HandlerSpec } from './ports.js'

/** What a handler's verdict, or the lack of one, comes to. */
export type Applied =
  | {
      readonly kind: 'decided'
      readonly decision: PartDecision
      /** The handler's own allow, given now or recalled, for the headers and the output that came with it. */
      readonly allow: Allow | undefined
      readonly by: 'handler' | 'policy'
    }
  /** Nobody decided: the caller's own fail policy must. */
  | { readonly kind: 'undecided'; readonly message: string }

/** The last valid answer to the same question, for the policy `cached`. */
export type Recall = () => Verdict | undefined

/** Applies the failure policy of a handler to what it answered. */
export function applyPolicy(spec: HandlerSpec, verdict: Verdict, recall: Recall): Applied {
  switch (verdict.kind) {
    case 'allow':
      return { kind: 'decided', decision: verdict, allow: verdict, by: 'handler' }
    case 'deny':
      return { kind: 'decided', decision: verdict, allow: undefined, by: 'handler' }
    case 'failed':
      return failed(spec, verdict.error, recall)
  }
}

function failed(spec: HandlerSpec, error: AdapterError, recall: Recall): Applied {
  const policy = spec.guard.onFailure
  if (policy.kind === 'cached') {
    const last = recall()
    // Not for as long as it once said: for that the handler would have to be asked.
    if (last !== undefined && last.kind !== 'failed') {
      const allow = last.kind === 'allow' ? last : undefined
      return {
        kind: 'decided',
        decision: { ...last, caching: { kind: 'do-not-cache' } },
        allow,
        by: 'policy',
      }
    }
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
        allow: undefined,
        by: 'policy',
        decision: { kind: 'allow', caching: { kind: 'do-not-cache' }, headers: [], metadata: {} },
      }
    case 'closed':
      return {
        kind: 'decided',
        allow: undefined,
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
