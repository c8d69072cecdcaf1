import { readdir, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ReportSpill, ReportStore } from '../engine/ports.js'
import type { Telemetry } from '../telemetry/index.js'
import { folderOf, readName, temporary } from './file-name.js'
import { HandlerSpill, type KeptFile, type Room } from './handler-spill.js'
import { makeFolder } from './make-folder.js'
import { FolderTakenError, own } from './owner.js'

/** Files at most, however small they are: each has an entry in memory. */
const maxFiles = 100_000

export interface SpillOptions {
  /** Made when it is not there; for this process alone. */
  readonly folder: string
  /** Folders of processes that are started no more: what is in them is delivered by this one, and nothing put there. */
  readonly inherited?: readonly string[]
  /** Bytes of all files together, at most; a batch that is being written may go beyond. */
  readonly maxBytes: number
  readonly telemetry: Telemetry
}

/** The batches of several folders, by the folder of their handler. */
type Found = Map<string, KeptFile[]>

/**
 * Batches of reports on disk, a file each, in a folder for each handler. What was there before is there again: batches of a
 * process that has ended, or was killed, are delivered by the next one with this folder. Files survive the process, not
 * the machine: they are not forced out of the system's cache.
 */
export class Spill implements ReportSpill {
  readonly #options: SpillOptions
  readonly #folders: readonly OwnedFolder[]
  readonly #stopGauge: () => void
  readonly #room: Room
  readonly #found: Found
  readonly #stores = new Map<string, HandlerSpill>()

  private constructor(options: SpillOptions, folders: readonly OwnedFolder[], found: Found) {
    this.#options = options
    this.#folders = folders
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
    const { folder, inherited = [], telemetry } = options
    await makeFolder(folder)
    const folders = [await OwnedFolder.own(folder)]
    try {
      for (const path of inherited) {
        const one = await OwnedFolder.own(path).catch(thrown => notInherited(path, thrown, telemetry))
        if (one !== undefined) folders.push(one)
      }
      const found: Found = new Map()
      for (const one of folders) await one.addTo(found, telemetry)
      return new Spill(options, folders, found)
    } catch (thrown) {
      await Promise.all(folders.map(one => one.disown()))
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

  /** Lets go of its folders; what is in them stays. Inherited ones that are empty are removed. */
  async close(): Promise<void> {
    this.#stopGauge()
    await Promise.all([...this.#stores.values()].map(store => store.settled()))
    const [own, ...inherited] = this.#folders
    await own?.disown()
    for (const one of inherited) await one.leave()
  }
}

function notInherited(folder: string, thrown: unknown, telemetry: Telemetry): undefined {
  const reason = thrown instanceof FolderTakenError ? 'in use' : String(thrown)
  telemetry.log.warn('report_spill_not_inherited', { folder, reason })
}

/** A folder that no other process uses meanwhile. */
class OwnedFolder {
  private constructor(
    private readonly path: string,
    readonly disown: () => Promise<void>,
  ) {}

  static async own(path: string): Promise<OwnedFolder> {
    return new OwnedFolder(path, await own(path))
  }

  /** Takes stock of it. */
  async addTo(found: Found, telemetry: Telemetry): Promise<void> {
    for (const name of await this.#handlers()) {
      const files = await stock(join(this.path, name))
      found.set(name, [...(found.get(name) ?? []), ...files])
      const instances = files.reduce((sum, file) => sum + file.instances, 0)
      if (files.length > 0)
        telemetry.log.info('report_spill_found', {
          folder: join(this.path, name),
          batches: files.length,
          instances,
        })
    }
  }

  /** Lets go of it, and removes what is empty of it. */
  async leave(): Promise<void> {
    const folders = [...(await this.#handlers()).map(name => join(this.path, name)), this.path]
    await this.disown()
    for (const folder of folders) await rmdir(folder).catch(() => {}) // one that is not empty stays
  }

  async #handlers(): Promise<string[]> {
    const entries = await readdir(this.path, { withFileTypes: true })
    return entries.filter(entry => entry.isDirectory()).map(({ name }) => name)
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
