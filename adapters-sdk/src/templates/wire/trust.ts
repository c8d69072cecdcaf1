/** Things that may be kept before one of them has come again. */
const trust = 16
/** Without trust one thing in so many is kept. */
const sampling = 16

/**
 * Whether it is worth keeping things because they may come again: each that is kept costs one, each that comes again earns one.
 * Where none does, keeping is a loss, above all for the garbage collector, which copies what lives; a few are kept all the
 * same, since they may begin to come again at any time.
 */
export class Trust {
  #credit = trust
  #passed = 0

  /** What was kept has come again. */
  earn(): void {
    if (this.#credit < trust) this.#credit++
  }

  /** Whether to keep the next one. */
  spend(): boolean {
    if (this.#credit > 0) {
      this.#credit--
      return true
    }
    this.#passed = (this.#passed + 1) % sampling
    return this.#passed === 0
  }
}
