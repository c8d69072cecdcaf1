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
  /** Between the end of one fetch and the next, in milliseconds. */
  readonly refreshIntervalMs: number
  /** How long entries hold without a successful fetch, in milliseconds. */
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
  | { readonly at: 'missing'; readonly reason: string }

/**
 * A list that is fetched at the start and again and again. A failed fetch, or an answer that is no list, leaves the
 * entries in force until their ttl has passed; then there is no list, and whoever asks is told why. (Upstream has a
 * moment in which a list without entries and without an error lets everything pass.)
 */
export class RefreshedList {
  #state: ListState = { at: 'missing', reason: 'the list has not been fetched yet' }
  #lastError: string | undefined
  #cancelRefresh: () => void = () => {}
  #cancelPurge: () => void = () => {}
  readonly #closed = new AbortController()

  constructor(
    readonly options: RefreshOptions,
    readonly ports: RefreshPorts,
  ) {}

  /** Fetches once, whatever comes of it, and goes on fetching. */
  async start(): Promise<void> {
    await this.#refresh()
    this.#scheduleRefresh()
  }

  /** The entries in force now. */
  current(): ListState {
    const state = this.#state
    // The timer may be late: the ttl holds to the millisecond all the same.
    if (state.at === 'loaded' && this.#isExpired(state.refreshedAtMs)) this.#purge()
    return this.#state
  }

  close(): void {
    this.#closed.abort(new Error('the list is closed'))
    this.#cancelRefresh()
    this.#cancelPurge()
  }

  #scheduleRefresh(): void {
    if (this.#closed.signal.aborted) return
    this.#cancelRefresh = this.ports.timers.after(this.options.refreshIntervalMs, () => {
      void this.#refresh().then(() => this.#scheduleRefresh())
    })
  }

  /** Never rejects: what went wrong is logged and remembered. */
  async #refresh(): Promise<void> {
    try {
      const body = await this.ports.fetch(this.#closed.signal)
      await this.#take(body)
    } catch (error) {
      if (this.#closed.signal.aborted) return
      this.#lastError = error instanceof Error ? error.message : String(error)
      this.ports.log('warn', this.#lastError)
      if (this.#state.at === 'missing') this.#state = { at: 'missing', reason: this.#lastError }
    }
  }

  async #take(body: string): Promise<void> {
    const digest = createHash('sha256').update(body).digest('base64')
    const before = this.#state
    const unchanged = before.at === 'loaded' && before.digest === digest
    const entries = unchanged ? before.entries : await this.ports.compile(body)
    if (this.#closed.signal.aborted) return
    this.#state = { at: 'loaded', entries, digest, refreshedAtMs: this.ports.now() }
    this.#lastError = undefined
    this.#schedulePurge(this.options.ttlMs)
    if (unchanged) return
    this.ports.log('info', `the list holds ${entries.size} entries`)
    this.ports.changed()
  }

  #schedulePurge(delayMs: number): void {
    this.#cancelPurge()
    this.#cancelPurge = this.ports.timers.after(delayMs, () => {
      const state = this.current()
      if (state.at === 'missing') return
      // Timers and clocks differ by a millisecond now and then.
      this.#schedulePurge(Math.max(1, state.refreshedAtMs + this.options.ttlMs - this.ports.now()))
    })
  }

  #isExpired(refreshedAtMs: number): boolean {
    return this.ports.now() - refreshedAtMs >= this.options.ttlMs
  }

  #purge(): void {
    const reason = this.#lastError ?? `no refresh within ${this.options.ttlMs} ms`
    this.#state = { at: 'missing', reason: `the list has expired: ${reason}` }
    this.ports.log('warn', this.#state.reason)
    this.ports.changed()
  }
}
