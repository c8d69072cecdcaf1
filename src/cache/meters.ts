import type { Counter, Telemetry } from '../mixer/telemetry/index.js'

/** Why something kept went away. */
export type EvictionReason = 'full' | 'expired' | 'used_up' | 'withdrawn' | 'configuration' | 'flushed'

/** What the cache counts about itself. `tier` is `memory`, `verdicts` or `redis`. */
export class CacheMeters {
  readonly hits: Counter
  readonly misses: Counter
  readonly joined: Counter
  readonly kept: Counter
  readonly #evicted: Readonly<Record<EvictionReason, Counter>>
  #hitCount = 0
  #missCount = 0

  constructor(telemetry: Telemetry, tier: string) {
    const lookups = (outcome: string) => telemetry.counter('outboard_cache_lookups_total', { tier, outcome })
    const hit = lookups('hit')
    const miss = lookups('miss')
    this.hits = {
      add: amount => {
        this.#hitCount += amount
        hit.add(amount)
      },
    }
    this.misses = {
      add: amount => {
        this.#missCount += amount
        miss.add(amount)
      },
    }
    this.joined = lookups('joined')
    this.kept = telemetry.counter('outboard_cache_kept_total', { tier })
    const evicted = (reason: EvictionReason) =>
      telemetry.counter('outboard_cache_evictions_total', { tier, reason })
    this.#evicted = {
      full: evicted('full'),
      expired: evicted('expired'),
      used_up: evicted('used_up'),
      withdrawn: evicted('withdrawn'),
      configuration: evicted('configuration'),
      flushed: evicted('flushed'),
    }
  }

  evicted(reason: EvictionReason, count = 1): void {
    this.#evicted[reason].add(count)
  }

  /** Hits of all look-ups so far, 0..1; 0 before the first. */
  get hitRatio(): number {
    const all = this.#hitCount + this.#missCount
    return all === 0 ? 0 : this.#hitCount / all
  }
}
