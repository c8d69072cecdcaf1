import type { Allow, HeaderOperation, Verdict } from '@outboard/adapters-sdk'
import type { Action, CompiledInstance, Rule } from '../config/snapshot.js'
import { EvalFailure } from '../expr/index.js'
import type { Decided, Undecided } from './api.js'
import type { Evaluated, HandlerKey, TookPart } from './cache-port.js'
import { type Combined, combine, defaultValidity, type Part } from './combine.js'
import { type AppliedRule, directResponse, headerDirective } from './directive.js'
import type { Guard } from './guard.js'
import { applyPolicy } from './policy.js'
import type { Question } from './ports.js'
import type { ProducedAll } from './produce.js'
import { ask } from './questions.js'
import { askingOf, handlerFailed, instanceFailed, matchRules, type Requested } from './request.js'

interface Asked {
  readonly rule: Rule
  readonly action: Action
  readonly instance: CompiledInstance
  readonly guard: Guard
  readonly question: Question | EvalFailure
  readonly verdict: Promise<Verdict> | undefined
}

/**
 * Evaluates a check on a bag that the producers have filled: finds the rules, asks their handlers side by side, and
 * combines what they say in rule order.
 */
export async function evaluateCheck(
  request: Requested,
  produced: ProducedAll & { kind: 'produced' },
): Promise<Evaluated> {
  const rules = matchRules(request, 'check')
  if (typeof rules === 'string') return undecided('CHECK_FAILED', rules)
  const asked: Asked[] = []
  let shadowed = false
  for (const rule of rules)
    for (const action of rule.actions.check)
      for (const instance of action.instances) {
        const one = askOne(request, rule, action, instance)
        if (rule.enforcement === 'enforce') asked.push(one)
        else shadowed = true
      }
  const verdicts = await allVerdicts(asked)

  const parts: Part[] = []
  const took: TookPart[] = []
  for (const handler of produced.handlers) took.push({ handler, cacheKeys: [] })
  const given = new Given()
  let keepable = produced.keepable
  /** Why the answer is open; a denial by another handler settles it all the same. */
  let open: string | undefined
  for (let index = 0; index < asked.length; index++) {
    const one = asked[index]
    const verdict = verdicts[index]
    if (one === undefined || verdict === undefined) continue
    const spec = one.action.handler
    if (one.question instanceof EvalFailure) {
      open ??= instanceFailed(request, one.rule, one.instance, one.question)
      continue
    }
    if (verdict.kind === 'failed') handlerFailed(request, spec, verdict.error.message)
    const outcome = applyPolicy(spec, verdict, () => recall(request, one))
    if (outcome.kind === 'undecided') {
      open ??= outcome.message
      continue
    }
    if (outcome.by === 'policy') keepable = false
    parts.push({ displayName: spec.displayName, decision: outcome.decision })
    if (outcome.allow !== undefined) given.add(one.rule, one.action, outcome.allow)
    if (verdict.kind === 'failed') continue
    took.push({ handler: spec.id, cacheKeys: verdict.cacheKeys })
    if (!spec.cacheable) keepable = false
  }
  const combined = combine(parts)
  if (open !== undefined) {
    if (combined.code === 0) return undecided('CHECK_FAILED', open)
    keepable = false
  }
  // What must not be kept here must not be kept by the caller, either.
  const held: Combined = keepable ? combined : { ...combined, validity: { kind: 'none' } }
  return {
    answer: decided(request, held, produced.validForMs, given.applied(rules)),
    // What a shadow rule would have done is counted for each request that comes, so that each must be evaluated.
    keepable: held.validity.kind !== 'none' && !shadowed,
    parts: took,
    verdicts,
  }
}

/** What handlers gave beside their consent, by rule. Most give nothing, and most rules edit no headers. */
class Given {
  #byRule: Map<Rule, { headers: HeaderOperation[]; outputs: AppliedRule['outputs'][number][] }> | undefined

  add(rule: Rule, action: Action, { headers, output }: Allow): void {
    if (headers.length === 0 && rule.headerOperations.length === 0) return
    this.#byRule ??= new Map()
    let given = this.#byRule.get(rule)
    if (given === undefined) {
      given = { headers: [], outputs: [] }
      this.#byRule.set(rule, given)
    }
    given.headers.push(...headers)
    given.outputs.push({ action, output })
  }

  /** The enforced rules that have something to apply, in rule order. */
  applied(rules: readonly Rule[]): readonly AppliedRule[] {
    let applied: AppliedRule[] | undefined
    for (const rule of rules) {
      if (rule.enforcement !== 'enforce') continue
      const given = this.#byRule?.get(rule)
      if (given === undefined && rule.headerOperations.length === 0) continue
      applied ??= []
      applied.push({ rule, headers: given?.headers ?? [], outputs: given?.outputs ?? [] })
    }
    return applied ?? nothingApplied
  }
}

const nothingApplied: readonly AppliedRule[] = []

function askOne(request: Requested, rule: Rule, action: Action, instance: CompiledInstance): Asked {
  const { guard } = request.live.served(action.handler.id)
  const { cache } = request
  const spec = guard.spec
  const cached = cache !== undefined && spec.cacheable && rule.enforcement === 'enforce'
  const stale = cache !== undefined && spec.guard.onFailure.kind === 'cached'
  const question = ask(instance, request.bag, guard.handler.form, cached || stale ? 'bytes-too' : 'form-only')
  let verdict: Promise<Verdict> | undefined
  if (!(question instanceof EvalFailure)) {
    verdict = put(request, guard, question, cached, stale)
    // Nobody waits for a shadow rule: it costs the request nothing but the question.
    if (rule.enforcement === 'shadow') void verdict.then(answer => request.meters.shadow(rule, answer.kind))
  }
  return { rule, action, instance, guard, question, verdict }
}

/** Asks, by way of the caches of verdicts that the handler has. */
function put(
  request: Requested,
  guard: Guard,
  question: Question,
  cached: boolean,
  stale: boolean,
): Promise<Verdict> {
  const { cache, live } = request
  const key = question.bytes
  if (cache === undefined || key === undefined || !(cached || stale))
    return guard.check(question, askingOf(request, request.ids.next()))
  const putIt = () => guard.check(question, askingOf(request, request.ids.next()))
  const putAndRemember = stale ? () => cache.remembering(handlerKey(guard), key, putIt) : putIt
  return cached
    ? cache.verdict(live.scope, handlerKey(guard), key, request, putAndRemember)
    : putAndRemember()
}

function recall(request: Requested, { guard, question }: Asked): Verdict | undefined {
  const policy = guard.spec.guard.onFailure
  if (policy.kind !== 'cached' || question instanceof EvalFailure || question.bytes === undefined)
    return undefined
  return request.cache?.lastVerdict(handlerKey(guard), question.bytes, policy.maxAgeMs)
}

function handlerKey({ spec }: Guard): HandlerKey {
  return { id: spec.id, signature: spec.signature }
}

/** In the order asked. A question that could not be built stands as a failed verdict's place holder. */
async function allVerdicts(asked: readonly Asked[]): Promise<readonly Verdict[]> {
  const [first] = asked
  if (first === undefined) return []
  if (asked.length === 1) return [first.verdict === undefined ? unasked : await first.verdict]
  return Promise.all(asked.map(({ verdict }) => verdict ?? unasked))
}

/** Never looked at: the question's own failure comes first. */
const unasked: Verdict = {
  kind: 'allow',
  caching: { kind: 'no-opinion' },
  headers: [],
  metadata: {},
  output: {},
  cacheKeys: [],
}

function decided(
  request: Requested,
  combined: Combined,
  producedForMs: number | undefined,
  rules: readonly AppliedRule[],
): Decided {
  const { bag, meters } = request
  let directive: Decided['directive']
  if (combined.code !== 0) directive = combined.direct && directResponse(combined.direct, combined.code)
  else
    directive = headerDirective(rules, bag, (rule, failure) => {
      meters.headerFailed(rule)
      request.telemetry.log.warn('header_failed', { rule: rule.name, reason: failure.message })
    })
  const { forMs, uses } = validity(combined, producedForMs)
  return {
    kind: 'decided',
    code: combined.code,
    message: combined.message,
    validForMs: forMs,
    validUses: uses,
    references: bag.references,
    directive,
    metadata: combined.metadata,
    quotas: [],
    fromCache: false,
  }
}

function validity(combined: Combined, producedForMs: number | undefined): { forMs: number; uses: number } {
  const limit = producedForMs ?? Number.POSITIVE_INFINITY
  switch (combined.validity.kind) {
    case 'none':
      return { forMs: 0, uses: 0 }
    case 'open':
      return { forMs: Math.min(defaultValidity.forMs, limit), uses: defaultValidity.uses }
    case 'valid':
      return { forMs: Math.min(combined.validity.forMs, limit), uses: combined.validity.uses }
  }
}

export function undecided(reason: Undecided['reason'], message: string): Evaluated {
  return { answer: { kind: 'undecided', reason, message }, keepable: false, parts: [], verdicts: [] }
}
