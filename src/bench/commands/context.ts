import type { Terminal } from '../report/progress.js'

/** What a benchmark sees of the terminal it was started from. */
export interface BenchContext {
  /** The answer. */
  readonly out: (text: string) => void
  /** Where progress is shown when it is a terminal. */
  readonly progress: Terminal
  /** What was typed. */
  readonly command: string
  /** The time of day, ISO 8601. */
  readonly now: () => string
}
