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

/** What all of them still have; -1 without limit. */
export function usesOf(budgets: readonly Budget[]): number {
  let uses = -1
  for (const budget of budgets) if (budget.uses >= 0 && (uses < 0 || budget.uses < uses)) uses = budget.uses
  return uses
}

/**
 * The part of what is left that a caller is lent who keeps the answer, too. Alone it uses 10,000 up in 119 calls; as
 * many calls are answered here when callers keep nothing. A larger part would save the first kind calls, a smaller one
 * the second.
 */
const lentPart = 16

/** Takes a caller's part of what all of them still have, rounded down; -1 without limit. */
export function lend(budgets: readonly Budget[]): number {
  const uses = usesOf(budgets)
  if (uses < 0) return uses
  const count = Math.floor(uses / lentPart)
  for (const budget of budgets) budget.take(count)
  return count
}

/** Takes half of what all of them still have, rounded down, for somebody else to use. */
export function half(budgets: readonly Budget[]): number {
  const count = Math.floor(Math.min(...budgets.map(budget => budget.left)) / 2)
  for (const budget of budgets) budget.take(count)
  return count
}
