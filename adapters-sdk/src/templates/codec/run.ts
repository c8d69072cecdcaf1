import { Buffer } from 'node:buffer'

/** Bytes that were read before, and what they were read as. */
export class Run<What extends object> {
  /** Our own: a view would keep a whole frame alive. */
  #bytes = Buffer.alloc(0)
  #length = 0
  #what: What | undefined
  /**
   * Where other runs were found to differ from this one. A call of `compare` costs as much as looking up an entry, and most
   * of the calls that would fail are spared by a look at these bytes.
   */
  readonly #telling = [0, 0, 0, 0]
  #nextTelling = 0

  get length(): number {
    return this.#length
  }

  /** What the bytes are; undefined: there are none yet. */
  get what(): What | undefined {
    return this.#what
  }

  /** Puts other bytes in the place of these. */
  become(bytes: Buffer, start: number, end: number, what: What): void {
    const length = end - start
    if (length > this.#bytes.length) this.#bytes = Buffer.allocUnsafeSlow(length)
    bytes.copy(this.#bytes, 0, start, end)
    this.#length = length
    this.#what = what
    this.#telling.fill(length - 1)
  }

  /** Whether the bytes that begin there begin with this run. */
  isAt(bytes: Buffer, start: number, end: number): boolean {
    const own = this.#bytes
    const length = this.#length
    if (length === 0 || length > end - start) return false
    for (const at of this.#telling) if (own[at] !== bytes[start + at]) return false
    if (bytes.compare(own, 0, length, start, start + length) === 0) return true
    this.#learnWhere(bytes, start)
    return false
  }

  #learnWhere(bytes: Buffer, start: number): void {
    let at = this.#length - 1
    while (at > 0 && this.#bytes[at] === bytes[start + at]) at--
    this.#telling[this.#nextTelling] = at
    this.#nextTelling = (this.#nextTelling + 1) % this.#telling.length
  }
}
