import {
  type AdapterDirectory,
  type BuiltinAdapters,
  contentHashOf,
  FolderWatch,
  type LoadCounts,
  loadSnapshot,
  type ReadSource,
  readFolder,
} from '../../mixer/config/index.js'
import type { RunningEngine } from '../../mixer/engine/index.js'
import type { Clock } from '../../mixer/engine/ports.js'
import type { Language } from '../../mixer/expr/index.js'
import type { Telemetry } from '../../mixer/telemetry/index.js'
import { offerConfigGauges } from './config-gauges.js'
import type { Refusal } from './refusal.js'

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

/** First wait before a configuration whose adapters were not reachable is tried again; doubles up to the second. */
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
    await this.#next(sources)
    return this.#counts !== undefined
  }

  /** From now on changes are taken as they happen, also those that happened since `load` read the folder. */
  watch(): void {
    const watch = new FolderWatch({
      path: this.#parts.path,
      timer: this.#parts.clock,
      // What was refused is told again: only what is in force is known.
      known: this.#counts === undefined ? undefined : this.#loaded,
      onChange: sources => this.#next(sources),
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

  #next(sources: readonly ReadSource[], waitMs = retryMs): Promise<void> {
    const found = ++this.#found
    this.#stopRetry?.()
    const taken = this.#last.then(async () => {
      if (found === this.#found && !this.#closed) await this.#take(sources, waitMs)
    })
    this.#last = taken.catch(() => {})
    return taken
  }

  async #take(sources: readonly ReadSource[], waitMs: number): Promise<void> {
    const { adapters, directory, defaultNamespace, language, engine, telemetry } = this.#parts
    const options = { adapters, directory, defaultNamespace, language, id: this.#nextId++ }
    const loaded = await loadSnapshot(sources, options)
    const at = new Date(this.#parts.clock.now()).toISOString()
    if (loaded.kind === 'refused') {
      const { problems, problemCount } = loaded
      this.#refuse({ at, by: 'configuration', problems, problemCount })
      for (const { code, at: place, message, mend } of problems.slice(0, loggedProblems))
        telemetry.log.error('config_problem', {
          code,
          at: `${place.file}:${place.line}:${place.column}`,
          message,
          mend,
        })
      if (problems.every(({ code }) => code === 'CONFIG_ADAPTER_UNREACHABLE')) this.#retry(sources, waitMs)
      return
    }
    const swapped = await engine.swap(loaded.snapshot)
    if (swapped.kind === 'refused') {
      const { problems } = swapped
      this.#refuse({ at, by: 'adapters', problems, problemCount: problems.length })
      for (const { handler, problems: found } of problems.slice(0, loggedProblems))
        telemetry.log.error('handler_refused', { handler, problems: found })
      return
    }
    this.#refusal = undefined
    this.#counts = loaded.counts
    telemetry.counter('outboard_config_loads_total', { outcome: 'live' }).add(1)
    telemetry.log.info('config_live', {
      id: loaded.snapshot.id,
      revision: loaded.snapshot.revision,
      ...loaded.counts,
    })
    for (const note of loaded.notes.slice(0, loggedProblems))
      telemetry.log.warn('config_note', { at: `${note.at.file}:${note.at.line}`, message: note.message })
  }

  #refuse(refusal: Refusal): void {
    this.#refusal = refusal
    this.#parts.telemetry.counter('outboard_config_loads_total', { outcome: 'refused' }).add(1)
  }

  /** Adapters may come up later: what only lacks them is tried again. Before the watch, that is the caller's affair. */
  #retry(sources: readonly ReadSource[], waitMs: number): void {
    if (this.#watch === undefined || this.#closed) return
    this.#stopRetry = this.#parts.clock.after(waitMs, () => {
      void this.#next(sources, Math.min(waitMs * 2, longestRetryMs))
    })
  }
}
