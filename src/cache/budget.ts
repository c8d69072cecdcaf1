/**
 * How often an answer may still be used. One budget is shared by everything that keeps the same verdict, so that each
 * use counts once, wherever it happens.
 */
export class Budget {
  // No `#` field: there is one of these in every entry, and it would weigh 56 bytes more.
  /** `remaining`: uses as adapters give them; -1 means without limit. */
  constructor(private remaining: number) {
    if (remaining < 0) this.remaining = Number.POSITIVE_INFINITY
  }

  get left(): number {
    return this.remaining
  }

  /** What to tell others: -1 without limit. */
  get uses(): number {
    return this.remaining === Number.POSITIVE_INFINITY ? -1 : this.remaining
  }

  /** Uses up to so many; the answer says how many it got. */
  take(count: number): number {
    const taken = Math.min(count, this.remaining)
    this.remaining -= taken
    return taken
  }
}

/** One use of each; none is used when one of them has none left. */
export function spend(budgets: readonly Budget[]): 'spent' | 'used-up' {
  for (const budget of budgets) if (budget.left < 1) return 'used-up'
  for (const budget of budgets) budget.take(1)
  return 'spent'
}

/** Takes half of what all of them still have, rounded down, for somebody else to use. */
export function half(budgets: readonly Budget[]): number {
  const count = Math.floor(Math.min(...budgets.map(budget => budget.left)) / 2)
  for (const budget of budgets) budget.take(count)
  return count
}
