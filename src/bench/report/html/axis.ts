/** Turns values into places on the page. */
export interface Axis {
  /** The place of a value; values outside are put at the edge. */
  at(value: number): number
  readonly ticks: readonly { readonly value: number; readonly at: number }[]
}

/** Powers of ten, and two and five of each where there is room. */
export function logAxis(low: number, high: number, from: number, to: number): Axis {
  const bottom = Math.log10(Math.max(low, Number.MIN_VALUE))
  const top = Math.max(bottom + 0.1, Math.log10(high))
  const at = (value: number) => {
    const share = (Math.log10(Math.max(value, Number.MIN_VALUE)) - bottom) / (top - bottom)
    return from + Math.min(1, Math.max(0, share)) * (to - from)
  }
  const steps = top - bottom > 3 ? [1] : [1, 2, 5]
  const values: number[] = []
  for (let power = Math.floor(bottom); power <= top; power++)
    for (const step of steps) {
      const value = step * 10 ** power
      if (Math.log10(value) >= bottom - 1e-9 && Math.log10(value) <= top + 1e-9) values.push(value)
    }
  return { at, ticks: values.map(value => ({ value, at: at(value) })) }
}

/** From zero on, in steps of one, two or five times a power of ten; about `count` of them. */
export function linearAxis(high: number, from: number, to: number, count = 5): Axis {
  const top = high > 0 ? high : 1
  const at = (value: number) => from + Math.min(1, Math.max(0, value / top)) * (to - from)
  const rough = top / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map(times => times * power).find(size => size >= rough) ?? rough
  const ticks = Array.from({ length: Math.floor(top / step) + 1 }, (_, i) => i * step)
  return { at, ticks: ticks.map(value => ({ value, at: at(value) })) }
}

/** Percentiles from 0 to 99.999: each nine takes as much room as the one before. */
export function percentileAxis(highest: number, from: number, to: number): Axis {
  const nines = (percentile: number) => -Math.log10(Math.max(1 - percentile / 100, 1e-6))
  const top = Math.max(1, nines(highest))
  const at = (percentile: number) => from + Math.min(1, nines(percentile) / top) * (to - from)
  const ticks = [0, 90, 99, 99.9, 99.99, 99.999].filter(value => nines(value) <= top + 1e-9)
  return { at, ticks: ticks.map(value => ({ value, at: at(value) })) }
}
