import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ReportSpill, ReportStore } from '../engine/ports.js'
import type { Telemetry } from '../telemetry/index.js'
import { folderOf, readName, temporary } from './file-name.js'
import { HandlerSpill, type KeptFile, type Room } from './handler-spill.js'
import { own } from './owner.js'

/** Files at most, however small they are: each has an entry in memory. */
const maxFiles = 100_000

export interface SpillOptions {
  /** Made when it is not there; for this process alone. */
  readonly folder: string
  /** Bytes of all files together, at most; a batch that is being written may go beyond. */
  readonly maxBytes: number
  readonly telemetry: Telemetry
}

/**
 * Batches of reports on disk, a file each, in a folder for each handler. What was there before is there again: batches of a
 * process that has ended, or was killed, are delivered by the next one with this folder. Files survive the process, not
 * the machine: they are not forced out of the system's cache.
 */
export class Spill implements ReportSpill {
  readonly #options: SpillOptions
  readonly #disown: () => Promise<void>
  readonly #stopGauge: () => void
  readonly #room: Room
  /** By folder. */
  readonly #found: Map<string, KeptFile[]>
  readonly #stores = new Map<string, HandlerSpill>()

  private constructor(options: SpillOptions, disown: () => Promise<void>, found: Map<string, KeptFile[]>) {
    this.#options = options
    this.#disown = disown
    this.#found = found
    const all = [...found.values()].flat()
    let files = all.length
    let bytes = all.reduce((sum, file) => sum + file.bytes, 0)
    this.#room = {
      has: more => files < maxFiles && bytes + more <= options.maxBytes,
      take(more) {
        files++
        bytes += more
      },
      free(less) {
        files--
        bytes -= less
      },
    }
    this.#stopGauge = options.telemetry.gauge('outboard_report_spill_bytes', {}, () => bytes)
  }

  /** @throws {FolderTakenError} when another process has the folder; what the file system says when it cannot be used */
  static async open(options: SpillOptions): Promise<Spill> {
    const { folder, telemetry } = options
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const disown = await own(folder)
    try {
      const found = new Map<string, KeptFile[]>()
      for (const entry of await readdir(folder, { withFileTypes: true }))
        if (entry.isDirectory()) found.set(entry.name, await stock(join(folder, entry.name)))
      for (const [name, files] of found) {
        const instances = files.reduce((sum, file) => sum + file.instances, 0)
        if (files.length > 0)
          telemetry.log.info('report_spill_found', { folder: name, batches: files.length, instances })
      }
      return new Spill(options, disown, found)
    } catch (thrown) {
      await disown()
      throw thrown
    }
  }

  of(handler: string): ReportStore {
    const known = this.#stores.get(handler)
    if (known !== undefined) return known
    const name = folderOf(handler)
    const store = new HandlerSpill({
      handler,
      folder: join(this.#options.folder, name),
      files: this.#found.get(name) ?? [],
      room: this.#room,
      telemetry: this.#options.telemetry,
    })
    this.#stores.set(handler, store)
    return store
  }

  /** Lets go of the folder; what is in it stays. */
  async close(): Promise<void> {
    this.#stopGauge()
    await Promise.all([...this.#stores.values()].map(store => store.settled()))
    await this.#disown()
  }
}

/** What is in a handler's folder, the oldest first. What was not finished is removed. */
async function stock(folder: string): Promise<KeptFile[]> {
  const files: KeptFile[] = []
  for (const name of await readdir(folder)) {
    const said = readName(name)
    if (said !== undefined) files.push({ ...said, path: join(folder, name), isOut: false })
    else if (name.endsWith(temporary)) await rm(join(folder, name), { force: true })
  }
  return files.sort((a, b) => a.sequence - b.sequence)
}
