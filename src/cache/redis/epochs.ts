import { randomBytes } from 'node:crypto'

/** Names for epochs (see the scripts): each a new one, on all hosts and over their restarts. */
export class Epochs {
  readonly #host = randomBytes(12).toString('base64url')
  #count = 0

  next(): string {
    return `${this.#host}-${(this.#count++).toString(36)}`
  }
}
