import { Code } from '@outboard/adapters-sdk'
import { References } from '../attributes/index.js'
import type { CheckAnswer, CheckRequest } from './api.js'
import type { Evaluated } from './cache-port.js'
import { evaluateCheck, undecided } from './check.js'
import { hasProducers, nothingProduced, type ProducedAll, produce } from './produce.js'
import { answerQuota } from './quota.js'
import type { Requested } from './request.js'

/** A check and the quotas that go with it. Source of the order: reference dispatch, section 2. */
export async function runCheck(request: Requested, asked: CheckRequest): Promise<CheckAnswer> {
  const flow = new CheckFlow(request)
  const { cache, live, bag } = request
  const evaluated =
    cache === undefined ? await flow.evaluate() : await cache.check(live.scope, bag, flow.evaluate)
  const { answer } = evaluated
  if (answer.kind === 'undecided') return deadlinePassed(request) ?? answer
  if (answer.code !== 0 || asked.quotas.length === 0) return answer
  const base = await flow.afterProducing()
  if (base.kind === 'settled') return base.answer
  const quotas = []
  // One after the other: each begins with the references as they were before the check.
  for (const quota of asked.quotas) {
    // Nothing is used up for a caller who will not hear of it.
    if (request.abandon?.isGone === true) return cancelled
    quotas.push(await answerQuota(request, quota, asked.deduplicationId, base.references))
  }
  return { ...answer, quotas }
}

type AfterProducing =
  | { readonly kind: 'produced'; readonly references: References }
  /** Without what the producers know no quota can be asked. */
  | { readonly kind: 'settled'; readonly answer: CheckAnswer }

const cancelled: CheckAnswer = { kind: 'undecided', reason: 'CHECK_FAILED', message: 'the caller went away' }

/** The producers are asked once for a request, by the check itself or, after a cached check, by the first quota. */
class CheckFlow {
  #produced: { readonly all: ProducedAll; readonly references: References } | undefined

  constructor(private readonly request: Requested) {}

  readonly evaluate = (): Promise<Evaluated> =>
    hasProducers(this.request) ? this.#evaluateProduced() : evaluateCheck(this.request, nothingProduced)

  async #evaluateProduced(): Promise<Evaluated> {
    const { all } = await this.#produceOnce()
    return all.kind === 'produced' ? evaluateCheck(this.request, all) : this.#withoutAttributes(all)
  }

  #withoutAttributes(all: Exclude<ProducedAll, { kind: 'produced' }>): Evaluated {
    switch (all.kind) {
      case 'failed':
        return undecided('PRODUCE_FAILED', all.message)
      case 'closed':
        return deniedByClosed(this.request, all.handler.displayName)
    }
  }

  async afterProducing(): Promise<AfterProducing> {
    // Without producers nothing is looked at before the check.
    if (!hasProducers(this.request))
      return { kind: 'produced', references: new References(this.request.bag.vocabulary.size) }
    const { all, references } = await this.#produceOnce()
    if (all.kind === 'produced') return { kind: 'produced', references }
    return { kind: 'settled', answer: this.#withoutAttributes(all).answer }
  }

  async #produceOnce(): Promise<{ readonly all: ProducedAll; readonly references: References }> {
    if (this.#produced === undefined) {
      const all = await produce(this.request)
      this.#produced = { all, references: this.request.bag.references.copy() }
    }
    return this.#produced
  }
}

function deadlinePassed(request: Requested): CheckAnswer | undefined {
  if (request.clock.now() < request.answerBy) return undefined
  return { kind: 'undecided', reason: 'DEADLINE', message: "the caller's deadline passed" }
}

function deniedByClosed(request: Requested, displayName: string): Evaluated {
  return {
    answer: {
      kind: 'decided',
      code: Code.UNAVAILABLE,
      message: `${displayName}:the adapter could not be asked`,
      validForMs: 0,
      validUses: 0,
      references: request.bag.references,
      directive: undefined,
      metadata: {},
      quotas: [],
      fromCache: false,
    },
    keepable: false,
    parts: [],
    verdicts: [],
  }
}
