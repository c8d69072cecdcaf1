import type { OnRound } from '../rounds/interleave.js'
import { groupOf } from '../rounds/row.js'
import { short } from './numbers.js'

/** As much of a terminal as a line of progress needs; `process.stderr` is one. */
export interface Terminal {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** Where progress is shown: a terminal, or nowhere. */
export interface ProgressLine {
  /** Replaces the line. */
  say(text: string): void
  /** Removes it. */
  clear(): void
}

/** On a terminal one line that is written over; otherwise nothing, so that logs stay readable. */
export function progressLine(stream: Terminal): ProgressLine {
  if (stream.isTTY !== true) return { say: () => {}, clear: () => {} }
  const width = () => Math.max(20, (stream.columns ?? 80) - 1)
  return {
    say: text => void stream.write(`\r\u001b[2K${[...text].slice(0, width()).join('')}`),
    clear: () => void stream.write('\r\u001b[2K'),
  }
}

/** Says what was measured last, and how long the rest will take. */
export function roundProgress(line: ProgressLine): OnRound {
  const startedAt = performance.now()
  return ({ done, total, planned, round }) => {
    const leftMs = ((performance.now() - startedAt) / done) * (total - done)
    const share = Math.round((done / total) * 100)
    line.say(
      `${String(share).padStart(3)} %  about ${minutes(leftMs)} left  ${groupOf(planned)}: ${planned.name}  ` +
        `${short(round.perSecond)}/s  p99 ${short(round.latency.p99)} µs`,
    )
  }
}

function minutes(ms: number): string {
  const seconds = Math.ceil(ms / 1_000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}
