import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { closedBefore, closeWhenInterrupted } from './interruption.js'

/** What a run of the benchmark opened, to be closed again whatever happens, a signal
 * too: processes, and a folder of its own. */
export class Scratch {
  readonly folder = mkdtempSync(join(tmpdir(), 'outboard-bench-'))
  readonly #closes: (() => Promise<void>)[] = []
  readonly #removeFolder = () => rmSync(this.folder, { recursive: true, force: true })

  constructor() {
    // Also when the process ends in another way: others then end with their channel.
    process.once('exit', this.#removeFolder)
    closeWhenInterrupted(this)
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  /** Closes it at the end. */
  keep<T extends { stop(): Promise<void> }>(opened: T): T {
    this.#closes.push(() => opened.stop())
    return opened
  }

  /** Safe twice. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#closes.reverse().map(close => close()))
    this.#removeFolder()
    process.off('exit', this.#removeFolder)
    closedBefore(this)
  }
}
