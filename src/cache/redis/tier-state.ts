import type { Log } from '../../mixer/telemetry/index.js'
import { closed } from './reasons.js'

/** Why something is not there; undefined while it is. Empty: not yet, and nothing has failed. */
type Problem = string | undefined

/**
 * Whether Redis can be used: commands go there, and the withdrawals of others are heard from there. Each change, also
 * of the reason, is logged once.
 */
export class TierState {
  #commands: Problem = ''
  #ear: Problem = ''
  #said = ''

  constructor(private readonly log: Log) {}

  get at(): 'connecting' | 'deaf' | 'ready' {
    if (this.#commands !== undefined) return 'connecting'
    return this.#ear === undefined ? 'ready' : 'deaf'
  }

  get reason(): string {
    // A cluster does not say why none of its nodes answers; the connection that hears, to one of them, does.
    if (this.#commands === closed && this.#ear) return this.#ear
    return this.#commands ?? this.#ear ?? ''
  }

  /** undefined: commands go there. */
  commands(problem: Problem): void {
    this.#commands = problem
    this.#say()
  }

  /** undefined: withdrawals are heard. */
  ear(problem: Problem): void {
    this.#ear = problem
    this.#say()
  }

  #say(): void {
    const { at, reason } = this
    const saying = `${at} ${reason}`
    if (saying === this.#said || (at !== 'ready' && reason === '')) return
    this.#said = saying
    if (at === 'ready') this.log.info('cache_tier_ready', { tier: 'redis' })
    else this.log.warn('cache_tier_unavailable', { tier: 'redis', state: at, reason })
  }
}
