import type { Result } from '../rounds/result.js'
import { usualEchoUs, yardstickOf } from '../rounds/yardstick.js'
import { short } from './numbers.js'

/** How fast the machine was in this run, for readers of absolute figures; nothing when no echo was measured. */
export function yardstickNotes({ rows }: Result): string[] {
  const yardstick = yardstickOf(rows)
  if (yardstick === undefined) return []
  const { beginUs, endUs } = yardstick
  const atEnd = endUs === undefined ? '' : ` (${short(endUs)} µs at its end)`
  return [
    `How fast the machine was: a bare grpc-js echo of the standard Check cost ${short(beginUs)} µs of CPU in this run${atEnd}. Figures in µs, ms and /s scale with it.`,
  ]
}

/** The title of the table of such figures. */
export const scaledTitle = `figures of time, scaled to an echo of ${usualEchoUs} µs`
