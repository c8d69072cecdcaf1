import type { Clock } from './ports.js'

export interface AdmissionOptions {
  /** Checks and reports under way at once; one more is refused. Default: 20,000. */
  readonly maxInFlight: number
  /** Checks (and attribute sets of reports) a second; 0: no limit. Default: 0. */
  readonly maxPerSecond: number
  /** What the rate limit lets pass at once; at least one second's worth. Default: `maxPerSecond`. */
  readonly burst: number
}

/**
 * Accepts or sheds requests: a bound on what is under way, and a token bucket. A request that costs more than the
 * burst passes when the bucket is full; upstream would refuse it always (reference dispatch, section 9).
 */
export class Admission {
  #inFlight = 0
  #tokens: number
  #filledAt: number

  constructor(
    private readonly options: AdmissionOptions,
    private readonly clock: Clock,
  ) {
    this.#tokens = options.burst
    this.#filledAt = clock.now()
  }

  get inFlight(): number {
    return this.#inFlight
  }

  /** `leave` must follow when it was accepted. */
  enter(cost: number): 'accepted' | 'shed' {
    if (this.#inFlight >= this.options.maxInFlight) return 'shed'
    if (this.options.maxPerSecond > 0 && !this.#take(cost)) return 'shed'
    this.#inFlight++
    return 'accepted'
  }

  leave(): void {
    this.#inFlight--
  }

  #take(cost: number): boolean {
    const now = this.clock.now()
    const { burst, maxPerSecond } = this.options
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#filledAt) / 1_000) * maxPerSecond)
    this.#filledAt = now
    if (this.#tokens < Math.min(cost, burst)) return false
    this.#tokens -= cost
    return true
  }
}
