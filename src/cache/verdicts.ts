import type { Allow, Deny, Verdict } from '@outboard/adapters-sdk'
import { LRUCache } from 'lru-cache'
import type { Asker, HandlerKey } from '../mixer/engine/cache-port.js'
import type { Clock } from '../mixer/engine/ports.js'
import { Budget, spend } from './budget.js'
import { flat } from './flat.js'
import { joinFlight } from './join-flight.js'
import type { CacheMeters } from './meters.js'
import { type ResolvedCacheOptions, shareOf } from './options.js'
import { bytesOfVerdict } from './weight.js'
import type { Withdrawals } from './withdrawals.js'

/** How often a question waits for another's answer before it asks for itself. */
const maxJoins = 2
/** Handlers at most that are remembered for answers that are not to be kept. */
const maxUnkept = 10_000

interface KeptVerdict {
  readonly verdict: Allow | Deny
  readonly budget: Budget
  readonly expiresAt: number
  readonly began: number
  readonly parts: readonly [{ readonly handler: string; readonly cacheKeys: readonly string[] }]
}

interface LastVerdict {
  readonly verdict: Allow | Deny
  readonly at: number
  readonly began: number
  readonly parts: KeptVerdict['parts']
}

/**
 * The verdicts of single handlers by their own question, so that one handler that must not be kept does not spoil the
 * others. A question is its handler, the handler's signature and the instance's bytes. Equal questions in the air are
 * asked once, unless the handler's answers are not to be kept: then one is no answer for others, and waiting for it is lost.
 */
export class Verdicts {
  readonly #kept: LRUCache<string, KeptVerdict>
  readonly #last: LRUCache<string, LastVerdict>
  readonly #flights = new Map<string, Promise<Verdict>>()
  readonly #budgets = new WeakMap<Verdict, Budget>()
  /** Handlers whose last answer was not to be kept. */
  readonly #unkept = new LRUCache<string, true>({ max: maxUnkept })

  constructor(
    { maxVerdicts, maxBytes }: ResolvedCacheOptions,
    private readonly clock: Clock,
    private readonly withdrawals: Withdrawals,
    private readonly meters: CacheMeters,
  ) {
    this.#kept = new LRUCache({
      max: maxVerdicts,
      maxSize: shareOf(maxBytes, 'verdicts'),
      sizeCalculation: ({ verdict }, key) => bytesOfVerdict(key, verdict),
      dispose: (_kept, _key, reason) => {
        if (reason === 'evict') meters.evicted('full')
      },
    })
    this.#last = new LRUCache({
      max: maxVerdicts,
      maxSize: shareOf(maxBytes, 'recalled'),
      sizeCalculation: ({ verdict }, key) => bytesOfVerdict(key, verdict),
    })
  }

  get size(): number {
    return this.#kept.size
  }

  /** With those for the failure policy. */
  get bytes(): number {
    return this.#kept.calculatedSize + this.#last.calculatedSize
  }

  /** How often a verdict that was given out here may still be used; undefined when it is not kept here. */
  budgetOf(verdict: Verdict): Budget | undefined {
    return this.#budgets.get(verdict)
  }

  async through(
    handler: HandlerKey,
    question: Uint8Array,
    asker: Asker,
    ask: () => Promise<Verdict>,
  ): Promise<Verdict> {
    const key = keyOf(handler, question)
    const found = this.#find(key)
    if (found !== undefined) return found
    for (let joins = 0; joins < maxJoins; joins++) {
      const flight = this.#unkept.has(handler.id) ? undefined : this.#flights.get(key)
      if (flight === undefined) break
      const landed = await joinFlight(flight, asker, this.clock, handler.id)
      // What was kept may be used; what was not is no answer for others, and is asked again.
      const joined = this.#find(key)
      if (joined !== undefined) {
        this.meters.joined.add(1)
        return joined
      }
      if (landed.kind === 'late') return landed.verdict
    }
    this.meters.misses.add(1)
    return this.#lead(key, handler, ask)
  }

  /** Asks, and keeps the verdict for `last`. */
  async remembering(
    handler: HandlerKey,
    question: Uint8Array,
    ask: () => Promise<Verdict>,
  ): Promise<Verdict> {
    const began = this.withdrawals.now
    const verdict = await ask()
    if (verdict.kind !== 'failed') {
      const parts = [{ handler: handler.id, cacheKeys: verdict.cacheKeys }] as const
      this.#last.set(flat(keyOf(handler, question)), { verdict, at: this.clock.now(), began, parts })
    }
    return verdict
  }

  last(handler: HandlerKey, question: Uint8Array, maxAgeMs: number, now: number): Verdict | undefined {
    const last = this.#last.get(keyOf(handler, question))
    if (last === undefined || now - last.at > maxAgeMs) return undefined
    return this.withdrawals.stands(last.began, last.parts) ? last.verdict : undefined
  }

  clear(): void {
    this.meters.evicted('flushed', this.#kept.size)
    this.#kept.clear()
    this.#last.clear()
  }

  async #lead(key: string, handler: HandlerKey, ask: () => Promise<Verdict>): Promise<Verdict> {
    const began = this.withdrawals.now
    const beganAt = this.clock.now()
    const flight = ask()
    this.#flights.set(key, flight)
    try {
      return this.#keep(key, handler, await flight, began, beganAt)
    } finally {
      if (this.#flights.get(key) === flight) this.#flights.delete(key)
    }
  }

  /** Keeps what may be kept. The answer is what to give out. */
  #keep(key: string, handler: HandlerKey, verdict: Verdict, began: number, beganAt: number): Verdict {
    if (verdict.kind === 'failed') return verdict
    if (verdict.caching.kind !== 'valid' || verdict.caching.forMs <= 0 || verdict.caching.uses === 0) {
      this.#unkept.set(handler.id, true)
      return verdict
    }
    const { forMs, uses } = verdict.caching
    this.#unkept.delete(handler.id)
    const parts = [{ handler: handler.id, cacheKeys: verdict.cacheKeys }] as const
    if (!this.withdrawals.holds(began, parts)) return verdict
    const budget = new Budget(uses)
    this.#kept.set(flat(key), { verdict, budget, expiresAt: beganAt + forMs, began, parts })
    this.meters.kept.add(1)
    // A copy: an adapter of this process may answer every question with one object, and each has its own budget.
    const given = { ...verdict }
    this.#budgets.set(given, budget)
    return given
  }

  #find(key: string): Verdict | undefined {
    const kept = this.#kept.get(key)
    if (kept === undefined) return undefined
    const now = this.clock.now()
    const { verdict, budget, expiresAt, began, parts } = kept
    if (expiresAt <= now) return this.#gone(key, 'expired')
    if (!this.withdrawals.holds(began, parts)) return this.#gone(key, 'withdrawn')
    if (spend([budget]) === 'used-up') return this.#gone(key, 'used_up')
    this.meters.hits.add(1)
    const left: Verdict = {
      ...verdict,
      caching: { kind: 'valid', forMs: expiresAt - now, uses: budget.uses },
    }
    this.#budgets.set(left, budget)
    return left
  }

  #gone(key: string, reason: 'expired' | 'withdrawn' | 'used_up'): undefined {
    this.#kept.delete(key)
    this.meters.evicted(reason)
    return undefined
  }
}

function keyOf({ id, signature }: HandlerKey, question: Uint8Array): string {
  return `${id.length}:${id}${signature.length}:${signature}${Buffer.from(question.buffer, question.byteOffset, question.length).toString('latin1')}`
}
