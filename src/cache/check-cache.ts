import type { Verdict } from '@outboard/adapters-sdk'
import type { AttributeBag } from '../mixer/attributes/index.js'
import type { Asker, CacheScope, CheckCache, Evaluated, HandlerKey } from '../mixer/engine/cache-port.js'
import type { Clock } from '../mixer/engine/ports.js'
import type { Telemetry } from '../mixer/telemetry/index.js'
import { Budget, half } from './budget.js'
import { answerOf, type Entry } from './entry.js'
import { type Explanation, explain } from './explain.js'
import { Generation } from './generation.js'
import { CacheMeters } from './meters.js'
import { type CacheOptions, type ResolvedCacheOptions, resolveCacheOptions } from './options.js'
import type { Outcome } from './outcome.js'
import { Outcomes } from './outcomes.js'
import type { SecondTier, SecondTierStatus, SharedMiss } from './second-tier.js'
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
    if (generation === undefined) return ask() // began before the snapshot in force
    const now = this.clock.now()
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

  doubt(handler: string): void {
    this.#withdrawals.doubt(handler)
    this.second?.withdraw(handler, undefined)
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
        const entry = this.#entry(answer, began, this.clock.now() + answer.forMs, budgets)
        if (this.#holds(entry)) {
          const shape = generation.keep(answer.shape.references, bag, entry)
          if (shape !== undefined) return answerOf(entry, shape.references, this.clock.now())
        }
      } else shared = found
    }
    const beganAt = this.clock.now()
    const evaluated = await ask()
    this.#keep(generation, bag, evaluated, began, beganAt, shared)
    return evaluated
  }

  #keep(
    generation: Generation,
    bag: AttributeBag,
    evaluated: Evaluated,
    began: number,
    beganAt: number,
    shared: SharedMiss | undefined,
  ): void {
    const { answer, keepable, parts, verdicts } = evaluated
    if (!keepable || answer.kind !== 'decided' || answer.validForMs <= 0 || answer.validUses === 0) return
    if (generation !== this.#generation || answer.fromCache) return
    const budgets: Budget[] = []
    const own = new Budget(answer.validUses)
    if (answer.validUses > 0) budgets.push(own)
    for (const verdict of verdicts) {
      const budget = this.#verdicts.budgetOf(verdict)
      if (budget !== undefined) budgets.push(budget)
    }
    // Validity counts from when the question began: the adapter's clock may have begun then.
    // A copy, because a list that grew by pushing keeps room for sixteen more: a fifth of an entry's weight.
    const entry = this.#entry({ ...answer, parts }, began, beganAt + answer.validForMs, budgets.slice())
    if (!this.#holds(entry)) return
    const shape = generation.keep(answer.references, bag, entry)
    if (shape === undefined || this.second === undefined || shared === undefined) return
    // Half of the uses go to the other hosts; what they do not use is lost, never used twice.
    const uses = answer.validUses < 0 ? -1 : half(budgets)
    if (uses !== 0)
      this.second.keep(
        generation.revision,
        bag,
        { ...entry.outcome, shape, forMs: entry.expiresAt - this.clock.now(), uses },
        shared,
      )
  }

  #entry(outcome: Outcome, began: number, expiresAt: number, budgets: readonly Budget[]): Entry {
    return { outcome: this.#outcomes.of(outcome), budgets, expiresAt, began }
  }

  #holds(entry: Entry): boolean {
    return this.#withdrawals.holds(entry.began, entry.outcome.parts)
  }
}
