import { createHash } from 'node:crypto'
import type { Timers } from '../timers.js'
import type { Entries } from './entries.js'

/** What a refreshed list needs of its surroundings. */
export interface RefreshPorts {
  /** Brings the provider's answer; aborts when the list is closed. */
  fetch(closed: AbortSignal): Promise<string>
  compile(body: string): Promise<Entries>
  now(): number
  readonly timers: Timers
  log(level: 'info' | 'warn', message: string): void
  /** The entries in force are others now, or there are none any more. */
  changed(): void
}

export interface RefreshOptions {
  /** From the beginning of one fetch to that of the next, in milliseconds; one that takes longer is followed at once. */
  readonly refreshIntervalMs: number
  /** How long entries hold without a successful fetch, in milliseconds; at least the refresh interval. */
  readonly ttlMs: number
}

/** The entries in force, or why there are none. */
export type ListState =
  | {
      readonly at: 'loaded'
      readonly entries: Entries
      readonly digest: string
      readonly refreshedAtMs: number
    }
  | {
      readonly at: 'missing'
      readonly reason: string
      /** Of the entries that were the last in force. */
      readonly digest: string | undefined
    }

/**
 * A list that is fetched at the start and again and again. A failed fetch, or an answer that is no list, leaves the
 * entries in force until their ttl has passed; then there is no list, and whoever asks is told why. A fetch that is due or
 * under way at that moment may still renew them: they hold until it has ended, for its timeout at most. (Upstream purges
 * at once, and then has a moment in which a list without entries and without an error lets everything pass.)
 */
export class RefreshedList {
  #state: ListState = {
    at: 'missing',
    reason: 'the list has not been fetched yet',
    digest: undefined,
  }
  /** When the next fetch is due; has passed while one is under way. */
  #dueAtMs = Number.NEGATIVE_INFINITY
  #lastError: string | undefined
  #cancelRefresh: () => void = () => {}
  #cancelPurge: () => void = () => {}
  readonly #closed = new AbortController()

  constructor(
    readonly options: RefreshOptions,
    readonly ports: RefreshPorts,
  ) {}

  /** Fetches once, whatever comes of it, and goes on fetching. */
  start(): Promise<void> {
    return this.#refresh()
  }

  /** The entries in force now. */
  current(): ListState {
    // The timer may be late: the ttl holds to the millisecond all the same.
    if (this.#hasOutlivedTtl() && !this.#isAwaited()) this.#purge()
    return this.#state
  }

  close(): void {
    this.#closed.abort(new Error('the list is closed'))
    this.#cancelRefresh()
    this.#cancelPurge()
  }

  async #refresh(): Promise<void> {
    const { ports, options } = this
    const startedAtMs = ports.now()
    await this.#fetch()
    if (this.#closed.signal.aborted) return
    if (this.#hasOutlivedTtl()) this.#purge()
    const nowMs = ports.now()
    this.#dueAtMs = Math.max(nowMs, startedAtMs + options.refreshIntervalMs)
    this.#cancelRefresh = ports.timers.after(this.#dueAtMs - nowMs, () => void this.#refresh())
  }

  /** Never rejects: what went wrong is logged and remembered. */
  async #fetch(): Promise<void> {
    try {
      const body = await this.ports.fetch(this.#closed.signal)
      await this.#take(body)
    } catch (error) {
      if (this.#closed.signal.aborted) return
      this.#lastError = error instanceof Error ? error.message : String(error)
      this.ports.log('warn', this.#lastError)
      if (this.#state.at === 'missing') this.#state = { ...this.#state, reason: this.#lastError }
    }
  }

  async #take(body: string): Promise<void> {
    const digest = createHash('sha256').update(body).digest('base64')
    const before = this.#state
    const isUnchanged = before.digest === digest
    const entries = isUnchanged && before.at === 'loaded' ? before.entries : await this.ports.compile(body)
    if (this.#closed.signal.aborted) return
    this.#state = { at: 'loaded', entries, digest, refreshedAtMs: this.ports.now() }
    this.#lastError = undefined
    this.#schedulePurge(this.options.ttlMs)
    if (isUnchanged && before.at === 'loaded') return
    this.ports.log('info', `the list holds ${entries.size} entries`)
    // What was answered from a list that has expired was withdrawn then, and without a list nothing was.
    if (!isUnchanged) this.ports.changed()
  }

  #schedulePurge(delayMs: number): void {
    this.#cancelPurge()
    this.#cancelPurge = this.ports.timers.after(delayMs, () => {
      const state = this.current()
      // A fetch that holds the purge back decides when it ends.
      if (state.at === 'missing' || this.#hasOutlivedTtl()) return
      // Timers and clocks differ by a millisecond now and then.
      this.#schedulePurge(Math.max(1, state.refreshedAtMs + this.options.ttlMs - this.ports.now()))
    })
  }

  #hasOutlivedTtl(): boolean {
    const state = this.#state
    return state.at === 'loaded' && this.ports.now() - state.refreshedAtMs >= this.options.ttlMs
  }

  /** Whether a fetch is due or under way. */
  #isAwaited(): boolean {
    return this.ports.now() >= this.#dueAtMs
  }

  #purge(): void {
    const reason = this.#lastError ?? `no refresh within ${this.options.ttlMs} ms`
    this.#state = { at: 'missing', reason: `the list has expired: ${reason}`, digest: this.#state.digest }
    this.ports.log('warn', this.#state.reason)
    this.ports.changed()
  }
}
