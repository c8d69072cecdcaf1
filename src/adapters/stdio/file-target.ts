import { type FileHandle, mkdir, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { backupPath, pruneBackups, type Retention } from './backups.js'
import type { Target } from './sink.js'

/** When a file is put aside, and which of those stay. */
export interface Rotation extends Retention {
  /** A line that would make the file larger than this goes to a new file. Bytes; above 0. */
  readonly maxBytes: number
}

const lineEnd = 0x0a

/**
 * A file that lines are appended to. With a rotation it is renamed when it is full, or when it has been written for as
 * long as rotated files are kept, and begun anew. A line is never split; a line larger than the limit has a file to itself.
 */
export class FileTarget implements Target {
  #handle: FileHandle | undefined
  #size = 0
  #beganMs = 0

  constructor(
    readonly path: string,
    /** undefined: the file grows for as long as the operator lets it. May be set anew. */
    public rotation: Rotation | undefined,
    readonly now: () => number,
  ) {}

  /** Opens the file, making its folder; nothing happens when it is open. Rejects when that is not possible. */
  async open(): Promise<FileHandle> {
    if (this.#handle !== undefined) return this.#handle
    await mkdir(dirname(this.path), { recursive: true })
    const handle = await open(this.path, 'a', 0o644)
    const { size, birthtimeMs } = await handle.stat()
    this.#size = size
    // Some file systems know no birth; an empty file begins now whatever they say.
    this.#beganMs = size === 0 || birthtimeMs === 0 ? this.now() : birthtimeMs
    this.#handle = handle
    return handle
  }

  async write(bytes: Uint8Array): Promise<void> {
    let rest = bytes
    while (rest.length > 0) {
      const count = await this.#countForThisFile(rest)
      const handle = await this.open()
      await handle.appendFile(rest.subarray(0, count))
      this.#size += count
      rest = rest.subarray(count)
    }
  }

  async close(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    await handle?.close()
  }

  /** How many of `bytes` go to the file now; puts the file aside first when it is full or old. */
  async #countForThisFile(bytes: Uint8Array): Promise<number> {
    const rotation = this.rotation
    if (rotation === undefined) return bytes.length
    await this.open()
    const isOld = rotation.maxAgeMs > 0 && this.now() - this.#beganMs >= rotation.maxAgeMs
    if (this.#size > 0 && isOld) await this.#rotate(rotation)
    const fitting = wholeLines(bytes, rotation.maxBytes - this.#size)
    if (fitting > 0) return fitting
    if (this.#size > 0) await this.#rotate(rotation)
    return wholeLines(bytes, rotation.maxBytes) || firstLine(bytes)
  }

  /** A rotation that fails fails the write, so that the file never outgrows its limit unseen. */
  async #rotate(rotation: Rotation): Promise<void> {
    await this.close()
    const nowMs = this.now()
    await rename(this.path, await backupPath(this.path, nowMs))
    await this.open()
    await pruneBackups(this.path, rotation, nowMs)
  }
}

/** The length of the whole lines at the beginning of `bytes` that fit into `room`. */
function wholeLines(bytes: Uint8Array, room: number): number {
  if (room <= 0) return 0
  return bytes.length <= room ? bytes.length : bytes.lastIndexOf(lineEnd, room - 1) + 1
}

function firstLine(bytes: Uint8Array): number {
  return bytes.indexOf(lineEnd) + 1 || bytes.length
}
