/** Lets so many lines a second pass, and counts what it held back. */
export class LogRate {
  readonly #perSecond: number
  readonly #now: () => number
  #windowStart = 0
  #passed = 0
  #dropped = 0

  constructor(perSecond: number, now: () => number) {
    this.#perSecond = perSecond
    this.#now = now
  }

  /** Counts a line that could not be sent for another reason. */
  drop(): void {
    this.#dropped++
  }

  /** Lines held back since the last one that passed; undefined: hold this one back, too. */
  pass(): number | undefined {
    const now = this.#now()
    if (now - this.#windowStart >= 1_000 || now < this.#windowStart) {
      this.#windowStart = now
      this.#passed = 0
    }
    if (this.#passed >= this.#perSecond) {
      this.#dropped++
      return undefined
    }
    this.#passed++
    const dropped = this.#dropped
    this.#dropped = 0
    return dropped
  }
}
