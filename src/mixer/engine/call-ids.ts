/**
 * Ids for calls that the caller did not name, and for batches of reports: unique in this process, and beyond it by the
 * prefix. An adapter may take two calls of one id for one call that was repeated, so no two may ever share one.
 */
export class CallIds {
  #next = 0

  /** `prefix` tells processes apart; chosen by chance at start. */
  constructor(private readonly prefix: string) {}

  next(): string {
    return `${this.prefix}${this.#next++}`
  }
}
