import { randomBytes } from 'node:crypto'

/**
 * Ids for calls that came without one: a decimal counter from a random 64-bit number on, as upstream, except that the
 * start differs after each restart and no two calls share an id.
 */
export class DedupIds {
  #next = randomBytes(8).readBigUInt64BE()

  next(): string {
    this.#next = BigInt.asUintN(64, this.#next + 1n)
    return this.#next.toString()
  }
}
