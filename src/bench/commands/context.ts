import type { Terminal } from '../report/progress.js'

/** 1: it was measured, and nothing came of it. */
export type ExitCode = 0 | 1

/** What a benchmark sees of the terminal it was started from. */
export interface BenchContext {
  /** The answer. */
  readonly out: (text: string) => void
  /** Where progress is shown when it is a terminal. */
  readonly progress: Terminal
  /** Hears how it ended; not asked: well. */
  readonly ended: (code: ExitCode) => void
  /** What was typed. */
  readonly command: string
  /** The time of day, ISO 8601. */
  readonly now: () => string
}
