const slotMs = 50
const slotCount = 20

/** How much was asked for in the last second, in slots of 50 ms. Source: reference proxy-client, section 6. */
export class Demand {
  readonly #slots = new Array<number>(slotCount).fill(0)
  /** The running number of the newest slot. */
  #newest = 0

  add(amount: number, now: number): void {
    const at = this.#forget(now)
    this.#slots[at] = (this.#slots[at] ?? 0) + amount
  }

  lastSecond(now: number): number {
    this.#forget(now)
    return this.#slots.reduce((sum, amount) => sum + amount, 0)
  }

  /** Clears the slots that have passed; the answer is where the newest is. */
  #forget(now: number): number {
    const newest = Math.max(this.#newest, Math.floor(now / slotMs))
    const passed = Math.min(slotCount, newest - this.#newest)
    for (let back = 0; back < passed; back++) this.#slots[(newest - back) % slotCount] = 0
    this.#newest = newest
    return newest % slotCount
  }
}
