/** What `/metrics` said at one moment. */
export class Metrics {
  readonly #lines: readonly string[]

  constructor(text: string) {
    this.#lines = text.split('\n')
  }

  /** The sum over the series of a metric that carry all of these labels. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number {
    const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
    return this.#lines
      .filter(line => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .filter(line => wanted.every(part => line.includes(part)))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
  }
}
