import type { QuotaRequest } from '@outboard/adapters-sdk'
import { RollingWindow, SlotBudget, tickMs } from './window.js'

/** What may be consumed of a counter. */
export interface Limit {
  /** Units; 0 or more. */
  readonly maxAmount: bigint
  /** Length of the rolling window in milliseconds; 0: units come back only by release. */
  readonly windowMs: number
}

/** Slots of history in all windows of a handler together, beside the newest slot of each. About 64 bytes each. */
const maxSlotsOfHandler = 1_000_000

/** An answer to a request for units; `no-room` when the store can hold no further counter. */
export type Allocation =
  | { readonly kind: 'granted'; readonly amount: bigint; readonly validForMs: number }
  | { readonly kind: 'no-room' }

/**
 * Window length in ticks. Whole seconds, rounded up, as upstream counts: a window of 500 ms is one second long.
 */
function ticksOf(windowMs: number): number {
  return Math.ceil(windowMs / 1_000) * (1_000 / tickMs)
}

/**
 * The counters of one quota handler: rolling windows and plain allocations, by key. Counters that hold nothing are
 * forgotten: allocations at once, windows as later requests pass by (each looks at two of them), so that keys made up
 * by clients do not stay. Upstream never forgets a window.
 */
export class Counters {
  readonly #windows = new Map<string, RollingWindow>()
  readonly #allocations = new Map<string, bigint>()
  readonly #slots: SlotBudget
  #sweep: Iterator<[string, RollingWindow]>
  #tick = 0
  #lastFullSweep = -1

  constructor(maxSlots = maxSlotsOfHandler) {
    this.#slots = new SlotBudget(maxSlots)
    this.#sweep = this.#windows.entries()
  }

  /** Counters held. */
  get size(): number {
    return this.#windows.size + this.#allocations.size
  }

  /** Slots of history held. */
  get slots(): number {
    return this.#slots.inUse
  }

  /**
   * Grants `amount` (above 0), or what is left of it when a part is acceptable, or nothing. A counter that does not
   * exist yet is made only when fewer than `maxCounters` do.
   */
  allocate(
    key: string,
    { amount, bestEffort }: QuotaRequest,
    limit: Limit,
    nowMs: number,
    maxCounters: number,
  ): Allocation {
    const tick = this.#advance(nowMs)
    const used =
      limit.windowMs > 0 ? this.#usedInWindow(key, limit, tick) : (this.#allocations.get(key) ?? 0n)
    const available = limit.maxAmount > used ? limit.maxAmount - used : 0n
    const amountGranted = amount <= available ? amount : bestEffort ? available : 0n
    if (amountGranted === 0n)
      return { kind: 'granted', amount: 0n, validForMs: bestEffort ? limit.windowMs : 0 }
    if (!this.#charge(key, amountGranted, limit, tick, maxCounters)) return { kind: 'no-room' }
    return { kind: 'granted', amount: amountGranted, validForMs: limit.windowMs }
  }

  /** Takes back up to `amount` (above 0); answers how much was in use and came back. */
  release(key: string, amount: bigint, limit: Limit, nowMs: number): bigint {
    const tick = this.#advance(nowMs)
    if (limit.windowMs > 0) {
      const window = this.#windows.get(key)
      if (window === undefined) return 0n
      const used = window.usedAt(tick, ticksOf(limit.windowMs))
      const released = window.release(amount)
      if (released === used) this.#windows.delete(key)
      return released
    }
    const used = this.#allocations.get(key) ?? 0n
    const released = amount < used ? amount : used
    if (released === used) this.#allocations.delete(key)
    else this.#allocations.set(key, used - released)
    return released
  }

  #usedInWindow(key: string, limit: Limit, tick: number): bigint {
    return this.#windows.get(key)?.usedAt(tick, ticksOf(limit.windowMs)) ?? 0n
  }

  /** `false`: the counter is new and there is no room for it. */
  #charge(key: string, amount: bigint, limit: Limit, tick: number, maxCounters: number): boolean {
    if (limit.windowMs > 0) {
      let window = this.#windows.get(key)
      if (window === undefined) {
        if (!this.#hasRoom(tick, maxCounters)) return false
        window = new RollingWindow(this.#slots)
        window.usedAt(tick, ticksOf(limit.windowMs))
        this.#windows.set(key, window)
      }
      window.consume(amount, tick)
      return true
    }
    const used = this.#allocations.get(key)
    if (used === undefined && !this.#hasRoom(tick, maxCounters)) return false
    this.#allocations.set(key, (used ?? 0n) + amount)
    return true
  }

  /** The current tick; a clock that goes back stands still instead. */
  #advance(nowMs: number): number {
    this.#tick = Math.max(this.#tick, Math.floor(nowMs / tickMs))
    this.#forgetIfIdle()
    this.#forgetIfIdle()
    return this.#tick
  }

  #forgetIfIdle(): void {
    const next = this.#sweep.next()
    if (next.done === true) this.#sweep = this.#windows.entries()
    else if (next.value[1].isIdleAt(this.#tick)) this.#windows.delete(next.value[0])
  }

  #hasRoom(tick: number, maxCounters: number): boolean {
    if (this.size < maxCounters) return true
    // At most one walk over all windows a tick: a flood of new keys must not cost a walk each.
    if (this.#lastFullSweep === tick) return false
    this.#lastFullSweep = tick
    for (const [key, window] of this.#windows) if (window.isIdleAt(tick)) this.#windows.delete(key)
    return this.size < maxCounters
  }
}
