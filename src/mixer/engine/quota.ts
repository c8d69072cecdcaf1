import { Code, type Grant } from '@outboard/adapters-sdk'
import type { References } from '../attributes/index.js'
import { EvalFailure } from '../expr/index.js'
import type { QuotaAnswer, QuotaAsked } from './api.js'
import { ask } from './questions.js'
import { askingOf, handlerFailed, instanceFailed, matchRules, type Requested } from './request.js'

/** How long the amount holds when no quota applies, milliseconds. Source: reference dispatch, section 5. */
const unconfiguredForMs = 60_000

/** Everything a quota's instances said, in rule order. */
interface Allocation {
  readonly displayName: string
  readonly grant: Grant
  /** What a failed grant means here. */
  readonly onFailure: 'caller' | 'open' | 'closed'
}

/**
 * Asks the quota instances whose short name is the quota's, ignoring case, of the rules that match. The amount granted
 * is the smallest that one of them grants: each is a limit of its own. Of a release, whose amounts are below zero, it is the
 * smallest that one of them took back. Where none applies the whole amount is granted, as upstream does, and counted as
 * unconfigured.
 *
 * `base` is what had been looked at before the check itself: a quota's references begin there again.
 */
export async function answerQuota(
  request: Requested,
  asked: QuotaAsked,
  deduplicationId: string,
  base: References,
): Promise<QuotaAnswer> {
  request.bag.references = base.copy()
  const pending = allocate(request, asked, deduplicationId)
  const references = request.bag.references
  const answer = (code: number, message: string, amount: bigint, validForMs: number): QuotaAnswer => ({
    name: asked.name,
    code,
    message,
    amount,
    validForMs,
    references,
  })
  if (typeof pending === 'string') {
    request.meters.quota('failed')
    return answer(Code.INTERNAL, pending, 0n, 0)
  }
  if (pending.length === 0) {
    request.meters.quota('unconfigured')
    return answer(Code.OK, '', asked.amount, unconfiguredForMs)
  }
  return combineGrants(request, asked, await Promise.all(pending), answer)
}

function allocate(
  request: Requested,
  asked: QuotaAsked,
  deduplicationId: string,
): Promise<Allocation>[] | string {
  const rules = matchRules(request, 'quota')
  if (typeof rules === 'string') return rules
  const wanted = asked.name.toLowerCase()
  const pending: Promise<Allocation>[] = []
  for (const rule of rules)
    for (const action of rule.actions.quota) {
      const { guard } = request.live.served(action.handler.id)
      const spec = guard.spec
      for (const instance of action.instances) {
        if (instance.shortName.toLowerCase() !== wanted) continue
        // A shadow rule must not use units up; that it would have been asked is counted as a match.
        if (rule.enforcement === 'shadow') continue
        const question = ask(instance, request.bag, guard.handler.form, 'form-only')
        if (question instanceof EvalFailure) return instanceFailed(request, rule, instance, question)
        // Upstream joins id and name without a separator, and so must we: adapters see it.
        const dedupId = deduplicationId === '' ? request.ids.next() : `${deduplicationId}${asked.name}`
        const { onFailure } = spec.guard
        const policy = onFailure.kind === 'cached' ? onFailure.then : onFailure.kind
        pending.push(
          guard
            .quota(
              question,
              { amount: asked.amount, bestEffort: asked.bestEffort },
              askingOf(request, dedupId),
            )
            .then(grant => {
              if (grant.kind === 'failed') handlerFailed(request, spec, grant.error.message)
              return { displayName: spec.displayName, grant, onFailure: policy }
            }),
        )
      }
    }
  return pending
}

function combineGrants(
  request: Requested,
  asked: QuotaAsked,
  allocations: readonly Allocation[],
  answer: (code: number, message: string, amount: bigint, validForMs: number) => QuotaAnswer,
): QuotaAnswer {
  let granted: bigint | undefined
  let validForMs = Number.POSITIVE_INFINITY
  let code: number = Code.OK
  const messages: string[] = []
  for (const { displayName, grant, onFailure } of allocations)
    switch (grant.kind) {
      case 'granted':
        if (granted === undefined || isLess(grant.amount, granted)) granted = grant.amount
        validForMs = Math.min(validForMs, grant.validForMs)
        break
      case 'refused':
        granted = 0n
        validForMs = Math.min(validForMs, grant.validForMs)
        if (code === Code.OK) code = grant.code
        messages.push(`${displayName}:${grant.message}`)
        break
      case 'failed':
        if (onFailure === 'open') break
        granted = 0n
        validForMs = 0
        // Not UNAVAILABLE: Istio's proxy lets a request pass whose quota was answered so.
        if (code === Code.OK) code = onFailure === 'caller' ? Code.INTERNAL : Code.RESOURCE_EXHAUSTED
        messages.push(`${displayName}:${grant.error.message}`)
    }
  // The whole amount when only handlers were asked that could not answer and whose policy is open.
  const amount = granted ?? asked.amount
  request.meters.quota(
    code === Code.INTERNAL
      ? 'failed'
      : amount <= 0n && asked.amount > 0n
        ? 'refused'
        : amount < asked.amount
          ? 'partly'
          : 'granted',
  )
  return answer(
    code,
    messages.join(', '),
    amount,
    Number.isFinite(validForMs) ? validForMs : unconfiguredForMs,
  )
}

/** Whether an amount is nearer to nothing than another one. */
function isLess(amount: bigint, than: bigint): boolean {
  return magnitude(amount) < magnitude(than)
}

function magnitude(amount: bigint): bigint {
  return amount < 0n ? -amount : amount
}
