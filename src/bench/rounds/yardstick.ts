import { figureOf, overRounds } from './figures-of-row.js'
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
