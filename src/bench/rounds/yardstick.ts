import { figureOf, overRounds } from './figures-of-row.js'
import type { Figure } from './result.js'
import type { Row } from './row.js'

/** The rows of an echo, at the beginning of a run and at its end. */
const echoRows = { begin: 'saturated/echo', end: 'end/echo' }

/** How fast the machine was, told by what an echo of the standard Check cost it: microseconds of CPU. */
export interface Yardstick {
  readonly beginUs: number
  /** undefined: it was measured only once. */
  readonly endUs: number | undefined
}

/** undefined: no echo was measured, or it went wrong. */
export function yardstickOf(rows: readonly Row[]): Yardstick | undefined {
  const cpuUs = (id: string) => {
    const row = rows.find(one => one.id === id)
    return row === undefined || row.invalid !== undefined
      ? undefined
      : overRounds(row, figureOf.hostCpuUs).mean
  }
  const beginUs = cpuUs(echoRows.begin)
  return beginUs === undefined ? undefined : { beginUs, endUs: cpuUs(echoRows.end) }
}

/** What an echo costs the machines that limits in µs, ms and /s are meant for: microseconds of CPU. */
export const usualEchoUs = 64

/**
 * The figures of time, as a machine of the usual speed shows them if they scale with the echo of the same run (the mean of its
 * beginning and its end). Figures that are ratios, or memory, are not among them, nor those that were refused.
 */
export function atUsualSpeed(figures: readonly Figure[], yardstick: Yardstick | undefined): Figure[] {
  if (yardstick === undefined) return []
  const { beginUs, endUs = beginUs } = yardstick
  const faster = (beginUs + endUs) / 2 / usualEchoUs
  return figures.flatMap(figure => {
    const { measured, unit } = figure
    const factor = unit === 'µs' || unit === 'ms' ? 1 / faster : unit === '/s' ? faster : undefined
    if (measured === undefined || factor === undefined) return []
    const { value, low, high } = measured
    return [{ ...figure, measured: { value: value * factor, low: low * factor, high: high * factor } }]
  })
}
