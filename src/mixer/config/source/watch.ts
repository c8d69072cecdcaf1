import { promises } from 'node:fs'
import { watch } from 'chokidar'
import { contentHashOf, readFolder } from './folder.js'
import { defaultLimits, type SourceLimits } from './limits.js'
import type { ReadSource } from './read.js'

const { realpath } = promises

/** Time as an argument: calls back once, not before the delay; the answer cancels. */
export interface Timer {
  after(delayMs: number, callback: () => void): () => void
}

export interface WatchOptions {
  readonly path: string
  readonly timer: Timer
  /** Called with everything that is there, each time it differs from what was there before. Calls never overlap. */
  readonly onChange: (sources: readonly ReadSource[]) => Promise<void> | void
  /** Milliseconds from the first change to the reading, so that many changes at once are read once. Default: 250. */
  readonly windowMs?: number
  /**
   * Milliseconds between two readings that must be the same before a change is told: a file that is being written can be
   * read as empty, which would be a configuration without rules. A folder that never rests is never told. Default: 100.
   */
  readonly settleMs?: number
  /**
   * Milliseconds between readings that nothing asked for: file systems lose notifications, and mounted volumes have
   * none. Default: 10,000.
   */
  readonly recheckMs?: number
  /** {@link contentHashOf} what is known already, which is not told again. Default: nothing is known. */
  readonly known?: string | undefined
  readonly limits?: SourceLimits
  /** Default: {@link readFolder}. */
  readonly read?: typeof readFolder
}

/**
 * A folder that is watched. What it holds when the watch begins is told too, unless it is known: read it once with
 * {@link FolderWatch.refresh} to begin.
 */
export class FolderWatch {
  /** Resolves when the file system is being watched. */
  readonly ready: Promise<void>
  readonly #options: Required<Omit<WatchOptions, 'known'>>
  #watcher: ReturnType<typeof watch>
  /** What the path led to when the watcher began; undefined: not asked yet, or it led nowhere. */
  #target: string | undefined
  #following: Promise<void> = Promise.resolve()
  #hash: string | undefined
  /** What was read last, when it is not what was told last. */
  #unsettled: string | undefined
  #cancelWindow: (() => void) | undefined
  #cancelRecheck: (() => void) | undefined
  /** Readings happen one after the other. */
  #last: Promise<void> = Promise.resolve()
  #closed = false

  constructor(options: WatchOptions) {
    const { windowMs = 250, settleMs = 100, recheckMs = 10_000, limits = defaultLimits } = options
    const { read = readFolder, known, ...rest } = options
    this.#hash = known
    this.#options = { ...rest, windowMs, settleMs, recheckMs, limits, read }
    this.#watcher = this.#begin()
    this.ready = new Promise(resolve => this.#watcher.once('ready', resolve))
    this.#scheduleRecheck()
  }

  /** Reads now, and tells when something differs, whether or not it has settled. */
  refresh(): Promise<void> {
    return this.#next('at once')
  }

  /** Reads soon, and tells when something differs and has settled. */
  recheck(): void {
    this.#noticed()
  }

  #begin(): ReturnType<typeof watch> {
    const watcher = watch(this.#options.path, { ignoreInitial: true, ignorePermissionErrors: true })
    watcher.on('all', () => this.#noticed())
    // A watcher that fails leaves the regular readings; those say what is wrong.
    watcher.on('error', () => this.#noticed())
    return watcher
  }

  /** A path that is a link may come to lead elsewhere; the watcher would go on looking at what it led to. */
  async #follow(): Promise<void> {
    const target = await realpath(this.#options.path).catch(() => undefined)
    const before = this.#target
    this.#target = target ?? before
    if (this.#closed || target === undefined || before === undefined || target === before) return
    await this.#watcher.close()
    this.#watcher = this.#begin()
  }

  #next(when: 'at once' | 'settled'): Promise<void> {
    const next = this.#last.then(() => this.#read(when))
    // One reading that failed must not keep the next ones from happening; its caller hears of it.
    this.#last = next.catch(() => {})
    return next
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#cancelWindow?.()
    this.#cancelRecheck?.()
    await this.#following
    await this.#watcher.close()
    await this.#last
  }

  async #read(when: 'at once' | 'settled'): Promise<void> {
    if (this.#closed) return
    this.#following = this.#following.then(() => this.#follow())
    const sources = await this.#options.read(this.#options.path, this.#options.limits)
    const hash = contentHashOf(sources)
    if (this.#closed) return
    const differs = hash !== this.#hash
    if (differs && when === 'settled' && hash !== this.#unsettled) {
      this.#unsettled = hash
      this.#openWindow(this.#options.settleMs)
      return
    }
    this.#unsettled = undefined
    if (!differs) return
    this.#hash = hash
    await this.#options.onChange(sources)
  }

  #noticed(): void {
    this.#openWindow(this.#options.windowMs)
  }

  #openWindow(ms: number): void {
    if (this.#closed || this.#cancelWindow !== undefined) return
    this.#cancelWindow = this.#options.timer.after(ms, () => {
      this.#cancelWindow = undefined
      this.#readQuietly()
    })
  }

  #scheduleRecheck(): void {
    this.#cancelRecheck = this.#options.timer.after(this.#options.recheckMs, () => {
      this.#readQuietly()
      if (!this.#closed) this.#scheduleRecheck()
    })
  }

  /** What the receiver of changes throws is its own affair; the watch goes on. */
  #readQuietly(): void {
    this.#next('settled').catch(() => {})
  }
}
