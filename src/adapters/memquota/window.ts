/** Ten ticks a second, as Mixer's memquota counts. */
export const tickMs = 100

/** Longest history of one window, in slots; a fuller one is thinned, see {@link RollingWindow}. */
const maxSlotsPerWindow = 1_024

/** How many slots all windows of one store may hold together. */
export class SlotBudget {
  inUse = 0
  constructor(readonly max: number) {}
}

interface Slot {
  tick: number
  amount: bigint
}

/**
 * What was consumed in the last ticks, by tick. Units consumed in a tick come back when the tick leaves the window.
 * Only ticks in which something was consumed take memory. A history that grows beyond its share is thinned: pairs of
 * neighbouring ticks are merged into the newer one, so units may come back later than their due, never earlier.
 */
export class RollingWindow {
  #slots: Slot[] = []
  /** Slots before this index have left the window. */
  #head = 0
  #used = 0n
  #lengthTicks = 0

  constructor(readonly budget: SlotBudget) {}

  /** Brings back what left a window of `lengthTicks` by `tick`, and answers what is still charged. */
  usedAt(tick: number, lengthTicks: number): bigint {
    this.#lengthTicks = lengthTicks
    let slot = this.#slots[this.#head]
    while (slot !== undefined && tick - slot.tick >= lengthTicks) {
      this.#used -= slot.amount
      this.#head++
      this.budget.inUse--
      slot = this.#slots[this.#head]
    }
    if (this.#head > 32 && this.#head * 2 > this.#slots.length) this.#forgetLeft()
    return this.#used
  }

  /** Charges `amount` to `tick`, which is never before an earlier one. */
  consume(amount: bigint, tick: number): void {
    this.#used += amount
    const newest = this.#slots.at(-1)
    if (newest?.tick === tick && this.#slots.length > this.#head) {
      newest.amount += amount
      return
    }
    const held = this.#slots.length - this.#head
    if (held >= maxSlotsPerWindow || (held > 1 && this.budget.inUse >= this.budget.max)) this.#thin()
    this.#slots.push({ tick, amount })
    this.budget.inUse++
  }

  /** Takes back up to `amount`, newest first; answers how much. */
  release(amount: bigint): bigint {
    let left = smaller(amount, this.#used)
    const released = left
    while (left > 0n) {
      const newest = this.#slots.at(-1)
      if (newest === undefined) break
      const taken = smaller(left, newest.amount)
      newest.amount -= taken
      left -= taken
      if (newest.amount > 0n) break
      this.#slots.pop()
      this.budget.inUse--
    }
    this.#used -= released
    return released
  }

  /** Whether everything has come back, so that the window can be forgotten. */
  isIdleAt(tick: number): boolean {
    return this.usedAt(tick, this.#lengthTicks) === 0n
  }

  #thin(): void {
    this.#forgetLeft()
    const kept: Slot[] = []
    for (let i = 0; i < this.#slots.length; i += 2) {
      const [older, newer] = this.#slots.slice(i, i + 2)
      if (older === undefined) break
      kept.push(newer === undefined ? older : { tick: newer.tick, amount: older.amount + newer.amount })
    }
    this.budget.inUse -= this.#slots.length - kept.length
    this.#slots = kept
  }

  #forgetLeft(): void {
    this.#slots = this.#slots.slice(this.#head)
    this.#head = 0
  }
}

/** `Math.min` takes no 64-bit integers. */
function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}
