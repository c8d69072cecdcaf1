/** Places that are freed together: moving what is left behind them costs less than one step for each item taken. */
const freedAtOnce = 1_024

/**
 * Items in the order in which they came. Taking the oldest costs the same however many wait: `shift` and `splice` of an
 * array move all the others, which at ten thousand costs a hundred times what making an item does.
 */
export class Fifo<Item> {
  #items: (Item | undefined)[] = []
  /** Places at the front whose items have been taken. */
  #taken = 0

  get length(): number {
    return this.#items.length - this.#taken
  }

  push(item: Item): void {
    this.#items.push(item)
  }

  /** The oldest, which stays; undefined when there is none. */
  peek(): Item | undefined {
    return this.#items[this.#taken]
  }

  /** The one that so many are older than; undefined when there are not so many. */
  at(older: number): Item | undefined {
    return this.#items[this.#taken + older]
  }

  /** Takes the oldest; undefined when there is none. */
  take(): Item | undefined {
    if (this.length === 0) return undefined
    const item = this.#items[this.#taken]
    this.#items[this.#taken++] = undefined
    if (this.#taken === this.#items.length) this.clear()
    else if (this.#taken >= freedAtOnce && this.#taken * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#taken)
      this.#taken = 0
    }
    return item
  }

  clear(): void {
    this.#items = []
    this.#taken = 0
  }
}
