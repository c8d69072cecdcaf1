/** How many of what, and how long they took. Memory is bounded: at most 100,000 latencies are kept. */
export class Tally {
  readonly #counts = new Map<string, number>()
  readonly #latenciesMs: number[] = []
  #calls = 0

  add(outcome: string, latencyMs: number): void {
    this.#calls++
    this.#counts.set(outcome, (this.#counts.get(outcome) ?? 0) + 1)
    // Beyond the bound every n-th takes an older one's place, so that late calls still count.
    if (this.#latenciesMs.length < 100_000) this.#latenciesMs.push(latencyMs)
    else this.#latenciesMs[this.#calls % 100_000] = latencyMs
  }

  /** Lines for people: each outcome with its count, then the latencies. */
  print(tookMs: number): string {
    const sorted = [...this.#latenciesMs].sort((a, b) => a - b)
    const quantile = (q: number) =>
      (sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0).toFixed(2)
    const outcomes = [...this.#counts]
      .sort(([, a], [, b]) => b - a)
      .map(([outcome, count]) => `  ${count} × ${outcome}`)
    const perSecond = tookMs > 0 ? Math.round((this.#calls * 1_000) / tookMs) : this.#calls
    return [
      `${this.#calls} calls in ${(tookMs / 1_000).toFixed(2)} s, ${perSecond} a second`,
      ...outcomes,
      `  latency ms: p50 ${quantile(0.5)}, p90 ${quantile(0.9)}, p99 ${quantile(0.99)}, longest ${(sorted.at(-1) ?? 0).toFixed(2)}`,
      '',
    ].join('\n')
  }
}
