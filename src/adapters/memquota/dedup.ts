/** What was answered to a request, to be answered again to its repetition. */
export interface Remembered {
  readonly amount: bigint
  /** Milliseconds since the epoch at which the grant ends. */
  readonly expiresAtMs: number
}

/** Ids remembered in one generation. A fuller one ends early: ids are then remembered for less than promised. */
const maxIdsPerGeneration = 100_000

/**
 * Answers by deduplication id, in two generations that take turns each period: an id is remembered for at least one
 * period and less than two.
 */
export class DedupMemory {
  #current = new Map<string, Remembered>()
  #previous = new Map<string, Remembered>()
  #sinceMs: number | undefined

  constructor(readonly maxIds = maxIdsPerGeneration) {}

  /** Ids held, of both generations. */
  get size(): number {
    return this.#current.size + this.#previous.size
  }

  find(id: string, nowMs: number, periodMs: number): Remembered | undefined {
    this.#turn(nowMs, periodMs)
    return this.#current.get(id) ?? this.#previous.get(id)
  }

  /** `false`: the generation was full and ended early. */
  remember(id: string, answer: Remembered, nowMs: number, periodMs: number): boolean {
    this.#turn(nowMs, periodMs)
    const full = this.#current.size >= this.maxIds
    if (full) this.#next(nowMs)
    this.#current.set(id, answer)
    return !full
  }

  #turn(nowMs: number, periodMs: number): void {
    this.#sinceMs ??= nowMs
    const periods = Math.floor((nowMs - this.#sinceMs) / periodMs)
    if (periods < 1) return
    // Generations begin on a fixed grid, whenever the calls come: otherwise an id could live for three periods.
    this.#next(this.#sinceMs + periods * periodMs)
    if (periods > 1) this.#previous = new Map()
  }

  #next(sinceMs: number): void {
    this.#previous = this.#current
    this.#current = new Map()
    this.#sinceMs = sinceMs
  }
}
