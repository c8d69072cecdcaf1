import type { Clock } from './ports.js'

export interface BreakerOptions {
  /** Failures in a row that open it; 0: it never opens. */
  readonly failures: number
  /** How long it stays open before one call may try, milliseconds. */
  readonly openMs: number
}

type State =
  | { readonly at: 'closed'; readonly failuresInRow: number }
  | { readonly at: 'open'; readonly until: number }
  /** One call is trying; the others are refused until it has an answer. */
  | { readonly at: 'trying' }

const closed: State = { at: 'closed', failuresInRow: 0 }

/** Stops asking a handler that keeps failing, and lets one call at a time find out whether it is back. */
export class Breaker {
  #state: State = closed

  constructor(
    private readonly options: BreakerOptions,
    private readonly clock: Clock,
  ) {}

  get isOpen(): boolean {
    return this.#state.at !== 'closed'
  }

  /** Whether a call may go; when it may, `succeeded`, `failed` or `abandoned` must follow. */
  admit(): 'go' | 'refuse' {
    const state = this.#state
    switch (state.at) {
      case 'closed':
        return 'go'
      case 'trying':
        return 'refuse'
      case 'open':
        if (this.clock.now() < state.until) return 'refuse'
        this.#state = { at: 'trying' }
        return 'go'
    }
  }

  succeeded(): void {
    if (this.#state !== closed) this.#state = closed
  }

  failed(): void {
    if (this.options.failures === 0) return
    const state = this.#state
    switch (state.at) {
      case 'closed': {
        const failuresInRow = state.failuresInRow + 1
        this.#state =
          failuresInRow >= this.options.failures ? this.#opened() : { at: 'closed', failuresInRow }
        return
      }
      case 'trying':
        this.#state = this.#opened()
        return
      case 'open':
        return // a call from before it opened
    }
  }

  /** The call ended without saying anything about the handler: its caller went away. */
  abandoned(): void {
    if (this.#state.at === 'trying') this.#state = { at: 'open', until: this.clock.now() }
  }

  #opened(): State {
    return { at: 'open', until: this.clock.now() + this.options.openMs }
  }
}
