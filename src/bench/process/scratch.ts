import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What a run of the benchmark opened, to be closed again whatever happens: processes, and a folder of its own. */
export class Scratch {
  readonly folder = mkdtempSync(join(tmpdir(), 'outboard-bench-'))
  readonly #closes: (() => Promise<void>)[] = []
  readonly #removeFolder = () => rmSync(this.folder, { recursive: true, force: true })

  constructor() {
    // Also when a signal ends the run: the processes then end with their channel.
    process.once('exit', this.#removeFolder)
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  /** Closes it at the end. */
  keep<T extends { stop(): Promise<void> }>(opened: T): T {
    this.#closes.push(() => opened.stop())
    return opened
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#closes.reverse().map(close => close()))
    this.#removeFolder()
    process.off('exit', this.#removeFolder)
  }
}
