import type { Verdict } from '@outboard/adapters-sdk'
import type { AttributeBag } from '../mixer/attributes/index.js'
import type { Asker, CacheScope, CheckCache, Evaluated, HandlerKey } from '../mixer/engine/cache-port.js'
import type { Clock } from '../mixer/engine/ports.js'
import type { Telemetry } from '../mixer/telemetry/index.js'
import { Budget, half, usesOf } from './budget.js'
import { answerOf, Entry } from './entry.js'
import { type Explanation, explain } from './explain.js'
import { Generation } from './generation.js'
import { CacheMeters } from './meters.js'
import { type CacheOptions, type ResolvedCacheOptions, resolveCacheOptions } from './options.js'
import type { Outcome } from './outcome.js'
import { Outcomes } from './outcomes.js'
import type { SecondTier, SecondTierStatus, SharedMiss } from './second-tier.js'
import type { Shape } from './shape.js'
import { Verdicts } from './verdicts.js'
import { Withdrawals } from './withdrawals.js'

/** The cache in front of the engine, in this process's memory, and behind it a second tier when there is one. */
export class AttributeCache implements CheckCache {
  readonly #options: ResolvedCacheOptions
  readonly #withdrawals = new Withdrawals()
  readonly #outcomes = new Outcomes()
  readonly #verdicts: Verdicts
  readonly #meters: CacheMeters
  #generation: Generation | undefined

  constructor(
    options: CacheOptions,
    private readonly clock: Clock,
    telemetry: Telemetry,
    private readonly second: SecondTier | undefined = undefined,
  ) {
    this.#options = resolveCacheOptions(options)
    this.#meters = new CacheMeters(telemetry, 'memory')
    this.#verdicts = new Verdicts(
      this.#options,
      this.clock,
      this.#withdrawals,
      new CacheMeters(telemetry, 'verdicts'),
    )
    second?.listen({
      withdrawn: (handler, key) => this.#withdrawals.withdraw(handler, key),
      everythingWithdrawn: () => this.#withdrawals.everything(),
    })
    telemetry.gauge('outboard_cache_entries', { tier: 'memory' }, () => this.#generation?.size ?? 0)
    telemetry.gauge('outboard_cache_entries', { tier: 'verdicts' }, () => this.#verdicts.size)
    telemetry.gauge('outboard_cache_bytes', { tier: 'memory' }, () => this.#generation?.bytes ?? 0)
    telemetry.gauge('outboard_cache_bytes', { tier: 'verdicts' }, () => this.#verdicts.bytes)
    telemetry.gauge('outboard_cache_shapes', {}, () => this.#generation?.shapes.length ?? 0)
  }

  async check(scope: CacheScope, bag: AttributeBag, ask: () => Promise<Evaluated>): Promise<Evaluated> {
    const generation = this.#generationOf(scope)
    const now = this.clock.now()
    // It began before the snapshot in force: found and kept are only the verdicts of its handlers.
    if (generation === undefined)
      return this.#keep(undefined, bag, await ask(), this.#withdrawals.now, now, undefined)
    const hit = generation.find(bag, now)
    if (hit === undefined) {
      this.#meters.misses.add(1)
      return this.#evaluate(generation, bag, ask)
    }
    this.#meters.hits.add(1)
    return answerOf(hit.entry, hit.shape.references, now)
  }

  verdict(
    _scope: CacheScope,
    handler: HandlerKey,
    key: Uint8Array,
    asker: Asker,
    ask: () => Promise<Verdict>,
  ): Promise<Verdict> {
    return this.#verdicts.through(handler, key, asker, ask)
  }

  lastVerdict(handler: HandlerKey, key: Uint8Array, maxAgeMs: number): Verdict | undefined {
    return this.#verdicts.last(handler, key, maxAgeMs, this.clock.now())
  }

  remembering(handler: HandlerKey, key: Uint8Array, ask: () => Promise<Verdict>): Promise<Verdict> {
    return this.#verdicts.remembering(handler, key, ask)
  }

  invalidate(handler: string, key: string | undefined): void {
    this.#withdrawals.withdraw(handler, key)
    this.second?.withdraw(handler, key)
  }

  flush(): void {
    this.#withdrawals.everything()
    this.#meters.evicted('flushed', this.#generation?.size ?? 0)
    const { snapshotId, revision } = this.#generation ?? {}
    if (snapshotId !== undefined && revision !== undefined)
      this.#generation = this.#newGeneration({ snapshotId, revision })
    this.#verdicts.clear()
    this.second?.flush()
  }

  /** What splits the cache, and what can be done about it. */
  explain(): Explanation {
    return explain(this.#generation, this.#meters)
  }

  /** The second tier's state; undefined when there is none. */
  secondTier(): SecondTierStatus | undefined {
    return this.second?.status()
  }

  close(): void {
    this.second?.close()
  }

  #generationOf(scope: CacheScope): Generation | undefined {
    const current = this.#generation
    if (current !== undefined && scope.snapshotId <= current.snapshotId)
      return scope.snapshotId === current.snapshotId ? current : undefined
    if (current !== undefined) this.#meters.evicted('configuration', current.size)
    this.#generation = this.#newGeneration(scope)
    return this.#generation
  }

  #newGeneration({ snapshotId, revision }: CacheScope): Generation {
    return new Generation(snapshotId, revision, this.#options, this.#withdrawals, this.#meters)
  }

  /** Asks the second tier first, then the engine. */
  async #evaluate(
    generation: Generation,
    bag: AttributeBag,
    ask: () => Promise<Evaluated>,
  ): Promise<Evaluated> {
    const began = this.#withdrawals.now
    let shared: SharedMiss | undefined
    if (this.second !== undefined) {
      const found = await this.second.find(generation.revision, bag, generation.shapes)
      if (found.kind === 'found') {
        const { answer } = found
        const budgets = answer.uses < 0 ? [] : [new Budget(answer.uses)]
        const outcome = { ...answer, uncountedUses: -1 }
        const entry = this.#entry(outcome, began, this.clock.now() + answer.forMs, budgets)
        if (this.#holds(entry)) {
          const shape = generation.keep(answer.shape.references, bag, entry)
          if (shape !== undefined) return answerOf(entry, shape.references, this.clock.now())
        }
      } else shared = found
    }
    const beganAt = this.clock.now()
    return this.#keep(generation, bag, await ask(), began, beganAt, shared)
  }

  /** Keeps what may be kept. The answer is what to give out: its uses are lent when somebody else may have them, too. */
  #keep(
    generation: Generation | undefined,
    bag: AttributeBag,
    evaluated: Evaluated,
    began: number,
    beganAt: number,
    shared: SharedMiss | undefined,
  ): Evaluated {
    const { answer, keepable, uses, parts, verdicts } = evaluated
    if (answer.kind !== 'decided' || answer.validForMs <= 0 || answer.validUses === 0) return evaluated
    if (answer.fromCache) return evaluated
    const budgets: Budget[] = []
    for (const verdict of verdicts) {
      const budget = this.#verdicts.budgetOf(verdict)
      if (budget !== undefined) budgets.push(budget)
    }
    const isKeptInPart = budgets.length > 0
    if (!keepable && !isKeptInPart) return evaluated
    if (uses === 'stated' && answer.validUses > 0) budgets.push(new Budget(answer.validUses))
    // Validity counts from when the question began: the adapter's clock may have begun then.
    // A copy, because a list that grew by pushing keeps room for sixteen more: a fifth of an entry's weight.
    const outcome = { ...answer, parts, uncountedUses: uses === 'stated' ? -1 : answer.validUses }
    const entry = this.#entry(outcome, began, beganAt + answer.validForMs, budgets.slice())
    let shape: Shape | undefined
    if (keepable && generation !== undefined && generation === this.#generation && this.#holds(entry)) {
      shape = generation.keep(answer.references, bag, entry)
      if (shape !== undefined && shared !== undefined) this.#share(generation, bag, entry, shape, shared)
    }
    if (usesOf(budgets) < 0 || (shape === undefined && !isKeptInPart)) return evaluated
    return { ...evaluated, answer: { ...answer, lender: entry } }
  }

  /** Gives an answer to the other hosts. */
  #share(generation: Generation, bag: AttributeBag, entry: Entry, shape: Shape, miss: SharedMiss): void {
    // Half of the uses go to the other hosts; what they do not use is lost, never used twice.
    const uses = usesOf(entry.budgets) < 0 ? -1 : half(entry.budgets)
    if (uses !== 0)
      this.second?.keep(
        generation.revision,
        bag,
        { ...entry.outcome, shape, forMs: entry.expiresAt - this.clock.now(), uses },
        miss,
      )
  }

  #entry(outcome: Outcome, began: number, expiresAt: number, budgets: readonly Budget[]): Entry {
    return new Entry(this.#outcomes.of(outcome), budgets, expiresAt, began)
  }

  #holds(entry: Entry): boolean {
    return this.#withdrawals.holds(entry.began, entry.outcome.parts)
  }
}
