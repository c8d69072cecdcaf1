import type { ExitCode } from './exit.js'

/** Signals that ask a process to end. SIGHUP is the terminal's, or a supervisor's, that goes away. */
export type EndSignal = (typeof endSignals)[number]
const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** What a command sees of the terminal it was started from. */
export interface Shell {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Whether a person reads along, so that text is better than JSON in logs. */
  readonly interactive: boolean
  /** The answer, on standard output. */
  out(text: string): void
  /** Everything else: logs, hints, errors. */
  err(text: string): void
  /** Calls back at SIGINT, SIGTERM and SIGHUP, instead of ending the process; the answer undoes it. */
  onSignal(callback: (signal: EndSignal) => void): () => void
  /**
   * Calls back when a promise was rejected and nobody minded, or an exception reached nobody, instead of ending the process;
   * the answer undoes it.
   */
  onFault(callback: (fault: 'unhandled rejection' | 'uncaught exception', error: unknown) => void): () => void
  /** Ends the process now, whatever is under way. */
  exitNow(code: number): never
}

/** How a command ends. */
export type Finish = (code: ExitCode) => void

/** The real one. */
export function processShell(): Shell {
  // A terminal that has gone, or a reader of the log that has ended, is no reason to end without draining.
  process.stderr.on('error', () => {})
  return {
    env: process.env,
    interactive: process.stderr.isTTY === true,
    out: text => process.stdout.write(text),
    err: text => process.stderr.write(text),
    onSignal(callback) {
      const heard = endSignals.map(signal => ({ signal, call: () => callback(signal) }))
      for (const { signal, call } of heard) process.on(signal, call)
      return () => {
        for (const { signal, call } of heard) process.off(signal, call)
      }
    },
    onFault(callback) {
      const rejected = (reason: unknown) => callback('unhandled rejection', reason)
      const thrown = (error: unknown) => callback('uncaught exception', error)
      process.on('unhandledRejection', rejected)
      process.on('uncaughtException', thrown)
      return () => {
        process.off('unhandledRejection', rejected)
        process.off('uncaughtException', thrown)
      }
    },
    exitNow: code => process.exit(code),
  }
}
