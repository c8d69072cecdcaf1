import {
  type AdapterDirectory,
  type BuiltinAdapters,
  contentHashOf,
  FolderWatch,
  type LoadCounts,
  type Loaded,
  loadInTurns,
  type ReadSource,
  readFolder,
  Slices,
} from '../../mixer/config/index.js'
import type { RunningEngine } from '../../mixer/engine/index.js'
import type { Clock } from '../../mixer/engine/ports.js'
import type { Language } from '../../mixer/expr/index.js'
import type { Telemetry } from '../../mixer/telemetry/index.js'
import { offerConfigGauges } from './config-gauges.js'
import { logRefusal, type Refusal, waitsForAdapters, withPlaces } from './refusal.js'

export interface LiveConfigurationParts {
  /** Folder or file. */
  readonly path: string
  readonly defaultNamespace: string
  /** The language of all expressions; undefined: each document's own. */
  readonly language: Language | undefined
  readonly adapters: BuiltinAdapters
  readonly directory: AdapterDirectory
  readonly engine: Pick<RunningEngine, 'swap'>
  readonly clock: Clock
  readonly telemetry: Telemetry
}

/** First wait before a configuration that waits for adapters is tried again; doubles up to the second. */
const retryMs = 500
const longestRetryMs = 10_000
/** Problems that are logged one by one; the rest is in `/config/problems`. */
const loggedProblems = 10

/**
 * Keeps the engine at the configuration that a folder holds: all or nothing at each change. What is refused leaves the
 * one before in force, and is remembered, counted and logged.
 */
export class LiveConfiguration {
  readonly #parts: LiveConfigurationParts
  #refusal: Refusal | undefined
  /** The problems that were logged last. */
  #logged = ''
  #counts: LoadCounts | undefined
  #nextId = 0
  #watch: FolderWatch | undefined
  #stopRetry: (() => void) | undefined
  /** The content that was found last before the watch; what differs from it is a change. */
  #loaded: string | undefined
  /** Counts what was found, so that an older one is not tried again after a newer one. */
  #found = 0
  /** One after the other. */
  #last: Promise<void> = Promise.resolve()
  #closed = false

  constructor(parts: LiveConfigurationParts) {
    this.#parts = parts
    offerConfigGauges(parts.telemetry, this)
  }

  /** What is wrong with the configuration found last; undefined when it is in force. */
  get refusal(): Refusal | undefined {
    return this.#refusal
  }

  /** How much the configuration in force holds; undefined before the first. */
  get counts(): LoadCounts | undefined {
    return this.#counts
  }

  /** Reads the folder once. Answers whether a configuration is in force now. */
  async load(): Promise<boolean> {
    const sources = await readFolder(this.#parts.path)
    this.#loaded = contentHashOf(sources)
    await this.#next(isWanted => this.#take(sources, isWanted))
    return this.#counts !== undefined
  }

  /** From now on changes are taken as they happen, also those that happened since `load` read the folder. */
  watch(): void {
    const watch = new FolderWatch({
      path: this.#parts.path,
      timer: this.#parts.clock,
      // What was refused is told again: only what is in force is known.
      known: this.#counts === undefined ? undefined : this.#loaded,
      // Not waited for: a newer change must be found while this one is being loaded.
      onChange: sources => void this.#next(isWanted => this.#take(sources, isWanted)),
    })
    this.#watch = watch
    // Opening the handlers may have taken long, and nobody was told of what changed meanwhile.
    void watch.ready.then(() => watch.recheck())
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#stopRetry?.()
    await this.#watch?.close()
    await this.#last
  }

  /** Does one thing after the other; what is not done yet when something newer is found is not wanted any more. */
  #next(take: (isWanted: () => boolean) => Promise<void>): Promise<void> {
    const found = ++this.#found
    const isWanted = () => found === this.#found && !this.#closed
    this.#stopRetry?.()
    const taken = this.#last.then(() => (isWanted() ? take(isWanted) : undefined))
    this.#last = taken.catch(() => {})
    return taken
  }

  async #take(sources: readonly ReadSource[], isWanted: () => boolean, waitMs = retryMs): Promise<void> {
    const { adapters, directory, defaultNamespace, language, clock } = this.#parts
    const options = { adapters, directory, defaultNamespace, language, id: this.#nextId++ }
    const loaded = await loadInTurns(sources, options, new Slices({ now: () => clock.now(), isWanted }))
    if (loaded === undefined) return
    if (loaded.kind === 'loaded') return this.#open(loaded, waitMs)
    const { problems, problemCount } = loaded
    this.#refuse({ at: this.#time(), by: 'configuration', problems, problemCount }, waitMs)
    if (waitsForAdapters(this.#refusal))
      this.#retry((isWanted, again) => this.#take(sources, isWanted, again), waitMs)
  }

  /** An adapter may refuse for a passing reason (a port in use, a file not there yet): what compiled is tried again. */
  async #open(loaded: Loaded & { kind: 'loaded' }, waitMs: number): Promise<void> {
    const { engine, telemetry } = this.#parts
    const { snapshot, counts, notes, locate } = loaded
    const swapped = await engine.swap(snapshot)
    if (swapped.kind === 'refused') {
      const problems = swapped.problems.map(refused => withPlaces(refused, locate))
      this.#refuse({ at: this.#time(), by: 'adapters', problems, problemCount: problems.length }, waitMs)
      this.#retry((_, again) => this.#open(loaded, again), waitMs)
      return
    }
    this.#refusal = undefined
    this.#counts = counts
    telemetry.counter('outboard_config_loads_total', { outcome: 'live' }).add(1)
    telemetry.log.info('config_live', { id: snapshot.id, revision: snapshot.revision, ...counts })
    for (const note of notes.slice(0, loggedProblems))
      telemetry.log.warn('config_note', { at: `${note.at.file}:${note.at.line}`, message: note.message })
  }

  #time(): string {
    return new Date(this.#parts.clock.now()).toISOString()
  }

  /** Counts each refusal; logs those of a change, and of what is tried again only those that say something new. */
  #refuse(refusal: Refusal, waitMs: number): void {
    const { telemetry } = this.#parts
    const text = JSON.stringify(refusal.problems)
    const isKnown = waitMs > retryMs && text === this.#logged
    this.#refusal = refusal
    this.#logged = text
    telemetry.counter('outboard_config_loads_total', { outcome: 'refused' }).add(1)
    if (!isKnown) logRefusal(refusal, telemetry.log, loggedProblems)
  }

  /** Without a watch, that is before it, trying again is the caller's affair. */
  #retry(again: (isWanted: () => boolean, waitMs: number) => Promise<void>, waitMs: number): void {
    if (this.#watch === undefined || this.#closed) return
    this.#stopRetry = this.#parts.clock.after(waitMs, () => {
      void this.#next(isWanted => again(isWanted, Math.min(waitMs * 2, longestRetryMs)))
    })
  }
}
