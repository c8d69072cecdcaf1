import type { Buffer } from 'node:buffer'
import { readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TemplateDefinition } from '@outboard/adapters-sdk'
import type { KeptBatch, ReportBatch, ReportStore } from '../engine/ports.js'
import type { Counter, Telemetry } from '../telemetry/index.js'
import { decodeBatch, encodeBatch } from './batch-file.js'
import { type BatchName, nameOf, temporary } from './file-name.js'
import { makeFolder } from './make-folder.js'

/** A batch on disk. */
export interface KeptFile extends BatchName {
  readonly path: string
  /** It is being written, read or delivered. */
  isOut: boolean
}

/** What all handlers together may take. */
export interface Room {
  has(bytes: number): boolean
  take(bytes: number): void
  free(bytes: number): void
}

export interface HandlerSpillOptions {
  readonly handler: string
  readonly folder: string
  /** What is there already, the oldest first. */
  readonly files: readonly KeptFile[]
  readonly room: Room
  readonly telemetry: Telemetry
}

/** undefined: not all its questions have bytes. */
function encodable(batch: ReportBatch): Buffer | undefined {
  return batch.questions.every(({ bytes }) => bytes !== undefined) ? encodeBatch(batch) : undefined
}

/** The batches of one handler, a file each. */
export class HandlerSpill implements ReportStore {
  readonly #options: HandlerSpillOptions
  /** By template, the oldest first. */
  readonly #files = new Map<string, KeptFile[]>()
  readonly #told = new Set<() => void>()
  readonly #spilled: Counter
  readonly #unreadable: Counter
  /** What is being done with files, so that the folder is not let go before. */
  readonly #underway = new Set<Promise<unknown>>()
  #sequence = 0
  #folderMade: Promise<unknown> | undefined

  constructor(options: HandlerSpillOptions) {
    this.#options = options
    const { handler, telemetry } = options
    this.#spilled = telemetry.counter('outboard_reports_spilled_total', { handler })
    this.#unreadable = telemetry.counter('outboard_reports_dropped_total', { handler, reason: 'unreadable' })
    for (const file of options.files) {
      this.#filesOf(file.template).push(file)
      this.#sequence = Math.max(this.#sequence, file.sequence)
    }
  }

  get size(): number {
    let instances = 0
    for (const files of this.#files.values()) for (const file of files) instances += file.instances
    return instances
  }

  templates(): readonly string[] {
    return [...this.#files.keys()].filter(template => this.has(template))
  }

  has(template: string): boolean {
    return this.#files.get(template)?.some(file => !file.isOut) ?? false
  }

  hasRoom(bytes: number): boolean {
    return this.#options.room.has(bytes)
  }

  async keep(template: string, batch: ReportBatch): Promise<'kept' | 'failed'> {
    return this.#during(this.#write(template, batch))
  }

  async take(template: TemplateDefinition): Promise<KeptBatch | undefined> {
    return this.#during(this.#readOldest(template))
  }

  onKept(told: () => void): () => void {
    this.#told.add(told)
    return () => this.#told.delete(told)
  }

  /** Resolves when nothing is done with files any more. */
  async settled(): Promise<void> {
    while (this.#underway.size > 0) await Promise.all(this.#underway)
  }

  async #write(template: string, batch: ReportBatch): Promise<'kept' | 'failed'> {
    const { folder, room } = this.#options
    const content = encodable(batch)
    if (content === undefined) return this.#failed('write', template, 'a question has no bytes')
    const about = {
      sequence: ++this.#sequence,
      instances: batch.questions.length,
      bytes: content.length,
      template,
    }
    const name = nameOf(about)
    if (name === undefined) return this.#failed('write', template, 'the template has too long a name')
    const file: KeptFile = { ...about, path: join(folder, name), isOut: true }
    // Its place is taken before it is written, so that batches stay in order.
    this.#filesOf(template).push(file)
    room.take(file.bytes)
    const unfinished = file.path + temporary
    try {
      this.#folderMade ??= makeFolder(folder)
      await this.#folderMade
      await writeFile(unfinished, content, { mode: 0o600 })
      await rename(unfinished, file.path)
    } catch (thrown) {
      this.#folderMade = undefined
      this.#forget(file)
      await unlink(unfinished).catch(() => {})
      return this.#failed('write', file.path, thrown)
    }
    this.#spilled.add(file.instances)
    this.#back(file)
    return 'kept'
  }

  async #readOldest(template: TemplateDefinition): Promise<KeptBatch | undefined> {
    for (;;) {
      const file = this.#files.get(template.name)?.find(({ isOut }) => !isOut)
      if (file === undefined) return undefined
      file.isOut = true
      try {
        const batch = decodeBatch(await readFile(file.path), template)
        return { ...batch, done: () => this.#done(file), putBack: () => this.#back(file) }
      } catch (thrown) {
        this.#failed('read', file.path, thrown)
        this.#unreadable.add(file.instances)
        this.#done(file)
      }
    }
  }

  #done(file: KeptFile): void {
    this.#forget(file)
    void this.#during(
      unlink(file.path).catch((thrown: NodeJS.ErrnoException) => {
        // One that stays is delivered once more by the next process, under the same id.
        if (thrown.code !== 'ENOENT') this.#failed('remove', file.path, thrown)
      }),
    )
  }

  #back(file: KeptFile): void {
    file.isOut = false
    for (const tell of this.#told) tell()
  }

  #forget(file: KeptFile): void {
    const files = this.#filesOf(file.template)
    files.splice(files.indexOf(file), 1)
    if (files.length === 0) this.#files.delete(file.template)
    this.#options.room.free(file.bytes)
  }

  #filesOf(template: string): KeptFile[] {
    let files = this.#files.get(template)
    if (files === undefined) {
      files = []
      this.#files.set(template, files)
    }
    return files
  }

  #failed(operation: 'write' | 'read' | 'remove', file: string, why: unknown): 'failed' {
    const { handler, telemetry } = this.#options
    telemetry.counter('outboard_report_spill_failures_total', { operation }).add(1)
    const reason = why instanceof Error ? why.message : String(why)
    telemetry.log.error('report_spill_failed', { handler, operation, file, reason })
    return 'failed'
  }

  async #during<T>(work: Promise<T>): Promise<T> {
    this.#underway.add(work)
    try {
      return await work
    } finally {
      this.#underway.delete(work)
    }
  }
}
