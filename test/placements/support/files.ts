import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tlsFile } from '../../contract/serving.js'

/** A folder of files that a test changes. */
export class Files {
  readonly #folder = mkdtempSync(join(tmpdir(), 'outboard-'))

  path(name: string): string {
    return join(this.#folder, name)
  }

  write(name: string, text: string): string {
    writeFileSync(this.path(name), text)
    return this.path(name)
  }

  /** Puts one of the tests' certificates or keys under another name. */
  copyTls(fixture: string, name: string): string {
    copyFileSync(tlsFile(fixture), this.path(name))
    return this.path(name)
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
