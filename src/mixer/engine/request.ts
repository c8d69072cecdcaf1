import type { AttributeBag } from '../attributes/index.js'
import type { CompiledInstance, Rule } from '../config/snapshot.js'
import type { EvalFailure } from '../expr/index.js'
import type { Telemetry } from '../telemetry/index.js'
import type { CheckCache } from './cache-port.js'
import type { CallIds } from './call-ids.js'
import type { Abandon, GuardedAsking } from './guarded-call.js'
import type { LiveSnapshot } from './live-snapshot.js'
import type { Meters } from './meters.js'
import type { Clock, HandlerSpec } from './ports.js'

/** What every phase of a request needs, the same for its whole life. */
export interface Requested {
  readonly live: LiveSnapshot
  readonly bag: AttributeBag
  readonly clock: Clock
  readonly cache: CheckCache | undefined
  readonly meters: Meters
  readonly telemetry: Telemetry
  readonly ids: CallIds
  /**
   * When handlers must have answered, milliseconds since the epoch; may be `Infinity`. Before the caller's deadline, so
   * that what the failure policies then decide still reaches it.
   */
  readonly answerBy: number
  /** The trace context of the request's own span, else the caller's. */
  readonly traceparent: string | undefined
  readonly abandon: Abandon | undefined
}

export function askingOf(request: Requested, dedupId: string): GuardedAsking {
  return {
    dedupId,
    deadline: request.answerBy,
    traceparent: request.traceparent,
    abandon: request.abandon,
  }
}

/** Counts and logs an instance that could not be filled in, and says so for the answer. */
export function instanceFailed(
  request: Requested,
  rule: Rule,
  instance: CompiledInstance,
  failure: EvalFailure,
): string {
  request.meters.instanceFailed(instance.name)
  request.telemetry.log.warn('instance_failed', {
    instance: instance.name,
    rule: rule.name,
    reason: failure.message,
  })
  return `instance "${instance.name}" of rule "${rule.name}": ${failure.message}`
}

/** Counts and logs a handler that could not answer. */
export function handlerFailed(request: Requested, spec: HandlerSpec, message: string): void {
  request.meters.policyApplied(spec.id, spec.guard.onFailure.kind)
  request.telemetry.log.warn('handler_failed', { handler: spec.id, reason: message })
}

/**
 * The rules of a phase that match, counted. A match that had no value skips its rule, or makes the whole phase fail,
 * as the rule says; the answer then is the reason.
 */
export function matchRules(
  request: Requested,
  phase: 'produce' | 'check' | 'quota' | 'report',
): readonly Rule[] | string {
  const { rules, failures } = request.live.snapshot.rules.match(phase, request.bag)
  for (const rule of rules) request.meters.matched(rule)
  let reason: string | undefined
  for (const { rule, failure } of failures) {
    request.meters.matchFailed(rule)
    if (rule.onMatchFailure === 'fail' && rule.enforcement === 'enforce')
      reason ??= `the match of rule "${rule.name}" failed: ${failure.message}`
  }
  return reason ?? rules
}
