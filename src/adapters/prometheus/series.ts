/** What the store needs of a series. */
interface Expiring {
  /** Milliseconds since the epoch; `Infinity`: it stays. */
  readonly expiresAtMs: number
}

/** The series of one metric, by their label values. */
export class SeriesStore<Series extends Expiring> {
  readonly #series = new Map<string, Series>()

  constructor(
    readonly labelNames: readonly string[],
    readonly make: (labels: Readonly<Record<string, string>>) => Series,
  ) {}

  /** The series with these label values, made when there is none; undefined when `maxSeries` exist already. */
  find(values: readonly string[], maxSeries: number): Series | undefined {
    const key = keyOf(values)
    const known = this.#series.get(key)
    if (known !== undefined) return known
    if (this.#series.size >= maxSeries) return undefined
    const made = this.make(Object.fromEntries(this.labelNames.map((name, i) => [name, values[i] ?? ''])))
    this.#series.set(key, made)
    return made
  }

  all(): Series[] {
    return [...this.#series.values()]
  }

  sweep(nowMs: number): void {
    for (const [key, series] of this.#series) if (series.expiresAtMs <= nowMs) this.#series.delete(key)
  }
}

let lastValues: readonly string[] = []
let lastKey = ''

/**
 * Lengths before values, so that no two sets of values share a key. Metrics of one request often have the same labels:
 * the key made last is used again, whose hash is known.
 */
function keyOf(values: readonly string[]): string {
  if (isLast(values)) return lastKey
  const parts = ['']
  let lengths = ''
  for (const value of values) {
    lengths += lengthText(value.length)
    parts.push(value)
  }
  parts[0] = lengths
  lastKey = parts.join('')
  lastValues = values
  return lastKey
}

function isLast(values: readonly string[]): boolean {
  if (values.length !== lastValues.length) return false
  for (let i = values.length - 1; i >= 0; i--) if (values[i] !== lastValues[i]) return false
  return true
}

/** One character for usual lengths; those from 65,535 up begin with the one that no usual length has. */
function lengthText(length: number): string {
  return length < 0xffff ? String.fromCharCode(length) : `\uffff${length}:`
}
