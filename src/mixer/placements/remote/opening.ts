import type { SettingsProblem } from '@outboard/adapters-sdk'
import type { Clock } from '../../engine/ports.js'

export type OpeningOutcome =
  | { readonly kind: 'opened' }
  | { readonly kind: 'refused'; readonly problems: readonly SettingsProblem[] }

/** What the first adapter that was reached said to a handler's settings; the first word counts. */
export class Opening {
  #outcome: OpeningOutcome | undefined
  #waiter: ((outcome: OpeningOutcome) => void) | undefined

  /** It was taken, or nobody can be asked now. */
  opened(): void {
    this.#settle({ kind: 'opened' })
  }

  refused(problems: readonly SettingsProblem[]): void {
    this.#settle({ kind: 'refused', problems })
  }

  /** The outcome; after `waitMs` without one the handler counts as opened. One waiter. */
  outcome(waitMs: number, clock: Clock): Promise<OpeningOutcome> {
    if (this.#outcome !== undefined) return Promise.resolve(this.#outcome)
    return new Promise(resolve => {
      const stop = clock.after(waitMs, () => this.opened())
      this.#waiter = outcome => {
        stop()
        resolve(outcome)
      }
    })
  }

  #settle(outcome: OpeningOutcome): void {
    if (this.#outcome !== undefined) return
    this.#outcome = outcome
    this.#waiter?.(outcome)
  }
}
