import { Demand } from './demand.js'

interface Grant {
  left: number
  expiresAt: number
}

/** A call for more of a quota than one request needs. */
export interface Prefetch {
  readonly amount: number
  /** What was added before the answer; undefined: nothing. */
  readonly optimistic: Grant | undefined
}

/** What the server gave for a prefetch. */
export interface PrefetchAnswer {
  readonly amount: number
  readonly expiresAt: number
}

/** Least amount that is prefetched. */
const minPrefetch = 10
/** How long a cell that was given less than it asked for waits before it asks again, milliseconds. */
const pauseMs = 500
/** How long a grant holds that was added before the answer, or that came without a validity, milliseconds. */
export const defaultGrantMs = 60_000
/** Calls under way for one cell; with so many no other is begun. Our bound: the reference has none. */
const maxInFlight = 16

/**
 * The stock of one quota for one kind of request, filled before it is empty. Source: reference proxy-client, section 6.
 * A cell is open while the server grants what is asked; then it may pass out an amount before the answer is there.
 */
export class QuotaCell {
  #grants: Grant[] = []
  #state: 'open' | 'closed'
  #inFlight = 0
  #lastPrefetchAt: number
  readonly #demand = new Demand()

  /** `firstGrant`: what came of the request that the cell was made for. */
  constructor(firstGrant: 'full' | 'partial', now: number) {
    this.#state = firstGrant === 'full' ? 'open' : 'closed'
    this.#lastPrefetchAt = now
  }

  /** Counts what a request wants. The answer is the call to make for it, which must be settled. */
  want(amount: number, now: number): Prefetch | undefined {
    const prefetch = this.#prefetch(amount, now)
    this.#demand.add(amount, now)
    return prefetch
  }

  has(amount: number, now: number): boolean {
    return this.available(now) >= amount
  }

  /** Takes an amount that is there, of the oldest grants first. */
  take(amount: number): void {
    this.#remove(amount)
  }

  available(now: number): number {
    this.#grants = this.#grants.filter(({ left, expiresAt }) => left > 0 && expiresAt > now)
    return this.#grants.reduce((sum, { left }) => sum + left, 0)
  }

  /** Takes in what came of a call. */
  settle({ amount, optimistic }: Prefetch, answer: PrefetchAnswer): void {
    this.#inFlight--
    this.#state = answer.amount >= amount ? 'open' : 'closed'
    if (optimistic === undefined) {
      this.#grants.push({ left: answer.amount, expiresAt: answer.expiresAt })
      return
    }
    optimistic.expiresAt = answer.expiresAt
    const more = answer.amount - amount
    if (more >= 0) {
      optimistic.left += more
      if (!this.#grants.includes(optimistic)) this.#grants.push(optimistic)
      return
    }
    // Given out before it was known that it is not there: taken back from this grant, then from the others.
    const back = Math.min(optimistic.left, -more)
    optimistic.left -= back
    this.#remove(-more - back)
  }

  #prefetch(amount: number, now: number): Prefetch | undefined {
    if (this.#inFlight >= maxInFlight) return undefined
    if (this.#state === 'closed' && (this.#inFlight > 0 || now - this.#lastPrefetchAt < pauseMs))
      return undefined
    const available = this.available(now)
    const desired = Math.max(this.#demand.lastSecond(now), minPrefetch)
    const isLow = available < desired / 2 && this.#inFlight === 0
    if (!isLow && available >= amount) return undefined
    const asked = Math.max(amount, desired)
    let optimistic: Grant | undefined
    if (available === 0 && this.#state === 'open') {
      optimistic = { left: asked, expiresAt: now + defaultGrantMs }
      this.#grants.push(optimistic)
    }
    this.#inFlight++
    this.#lastPrefetchAt = now
    return { amount: asked, optimistic }
  }

  #remove(amount: number): void {
    let rest = amount
    for (const grant of this.#grants) {
      const taken = Math.min(grant.left, rest)
      grant.left -= taken
      rest -= taken
    }
  }
}
