import { write } from 'node:fs'
import { promisify } from 'node:util'
import type { Timers } from '../timers.js'
import type { Target } from './sink.js'

const writeSome = promisify(write)

/** Pause before a full pipe is tried again, in milliseconds. */
const fullPipePauseMs = 10

/**
 * Standard output or standard error. Written through the descriptor, not `process.stdout`: on pipes the latter blocks
 * the whole process while the reader sleeps, and with it every Check.
 */
export class DescriptorTarget implements Target {
  constructor(
    readonly descriptor: number,
    readonly timers: Timers,
  ) {}

  async write(bytes: Uint8Array): Promise<void> {
    let written = 0
    while (written < bytes.length) {
      try {
        const { bytesWritten } = await writeSome(
          this.descriptor,
          bytes,
          written,
          bytes.length - written,
          null,
        )
        written += bytesWritten
      } catch (error) {
        if (!isFullPipe(error)) throw error
        await new Promise<void>(resume => this.timers.after(fullPipePauseMs, resume))
      }
    }
  }

  /** The descriptor is the process's, and stays open. */
  async close(): Promise<void> {}
}

function isFullPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN'
}
