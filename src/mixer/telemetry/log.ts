import type { Log } from './recorder.js'
import { printableFacts } from './redact.js'
import { visible } from './visible.js'

/** From the most talkative to silence. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'none'] as const
export type LogLevel = (typeof logLevels)[number]
type WrittenLevel = Exclude<LogLevel, 'none'>

export function isLogLevel(text: string): text is LogLevel {
  return logLevels.some(level => level === text)
}

export interface LoggerOptions {
  readonly level: LogLevel
  /** `json`: one object a line. `text`: for people at a terminal. */
  readonly format: 'json' | 'text'
  /** Takes one line, with its end. */
  readonly write: (line: string) => void
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Lines of one event within one second; more are counted and not written. A positive integer. Default: 10. */
  readonly maxPerSecond?: number
  /** Told of each line that was not written. */
  readonly onSuppressed?: (event: string) => void
}

interface Window {
  readonly began: number
  written: number
  suppressed: number
}

/** Events that are told apart by the rate limit; beyond it, all others share one window. */
const maxEvents = 1_000
const windowMs = 1_000

/** Writes structured lines, each event at a limited rate, never a secret. */
export class Logger implements Log {
  level: LogLevel
  readonly #options: LoggerOptions
  readonly #maxPerSecond: number
  readonly #windows = new Map<string, Window>()

  constructor(options: LoggerOptions) {
    this.level = options.level
    this.#options = options
    this.#maxPerSecond = options.maxPerSecond ?? 10
  }

  debug(event: string, facts?: Readonly<Record<string, unknown>>): void {
    this.#line('debug', event, facts)
  }
  info(event: string, facts?: Readonly<Record<string, unknown>>): void {
    this.#line('info', event, facts)
  }
  warn(event: string, facts?: Readonly<Record<string, unknown>>): void {
    this.#line('warn', event, facts)
  }
  error(event: string, facts?: Readonly<Record<string, unknown>>): void {
    this.#line('error', event, facts)
  }

  #line(level: WrittenLevel, event: string, facts: Readonly<Record<string, unknown>> = {}): void {
    if (logLevels.indexOf(level) < logLevels.indexOf(this.level)) return
    const now = this.#options.now()
    const suppressedBefore = this.#admit(event, now)
    if (suppressedBefore === undefined) return
    const safe = printableFacts(facts)
    if (suppressedBefore > 0) safe.suppressed_before = suppressedBefore
    this.#options.write(
      this.#options.format === 'json' ? json(now, level, event, safe) : text(now, level, event, safe),
    )
  }

  /** How many lines of this event were left out before this one; undefined: this one is left out, too. */
  #admit(event: string, now: number): number | undefined {
    const key = this.#windows.has(event) || this.#windows.size < maxEvents ? event : ''
    const window = this.#windows.get(key)
    if (window === undefined || now - window.began >= windowMs || now < window.began) {
      this.#windows.set(key, { began: now, written: 1, suppressed: 0 })
      return window?.suppressed ?? 0
    }
    if (window.written < this.#maxPerSecond) {
      window.written++
      return 0
    }
    window.suppressed++
    this.#options.onSuppressed?.(event)
    return undefined
  }
}

function json(now: number, level: WrittenLevel, event: string, facts: Record<string, unknown>): string {
  // What JSON leaves as it is stands inside its texts only, where it may be escaped as well.
  return `${visible(JSON.stringify({ time: new Date(now).toISOString(), level, event, ...facts }))}\n`
}

function text(now: number, level: WrittenLevel, event: string, facts: Record<string, unknown>): string {
  const time = new Date(now).toISOString().slice(11, 23)
  const pairs = Object.entries(facts)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${word(key)}=${typeof value === 'string' ? word(value) : quoted(value)}`)
  return `${time} ${level.toUpperCase().padEnd(5)} ${event}${pairs.length === 0 ? '' : ` ${pairs.join(' ')}`}\n`
}

/** As it is when that cannot be misread, else in quotes. */
function word(text: string): string {
  return /^[^\s"=]+$/.test(text) && visible(text) === text ? text : quoted(text)
}

function quoted(value: unknown): string {
  return visible(JSON.stringify(value))
}
