import { AdapterError } from '@outboard/adapters-sdk'

/** Where the bytes of lines go. */
export interface Target {
  /** Writes all of `bytes`. Called again only when the earlier call has settled. */
  write(bytes: Uint8Array): Promise<void>
  close(): Promise<void>
}

interface Waiting {
  readonly bytes: Uint8Array
  readonly done: () => void
  readonly failed: (error: unknown) => void
}

/** Bytes that may wait for a slow target. What comes on top is refused, so that the host keeps it or counts it. */
const maxWaitingBytes = 8 * 1024 * 1024

/**
 * Writes lines in order, one write at a time; what arrives meanwhile goes out together in the next. `append` settles
 * when the lines have been written, so that an answer to a report is true.
 */
export class LineSink {
  #waiting: Waiting[] = []
  #waitingBytes = 0
  #writing: Promise<void> | undefined

  constructor(
    readonly target: Target,
    readonly maxBytes = maxWaitingBytes,
  ) {}

  /**
   * @throws {AdapterError} `ADAPTER_OVERLOADED` when too much waits already, `ADAPTER_UNAVAILABLE` when the target
   * cannot be written.
   */
  append(lines: string): Promise<void> {
    const bytes = Buffer.from(lines, 'utf8')
    if (this.#waitingBytes > 0 && this.#waitingBytes + bytes.length > this.maxBytes) {
      const message = `${this.#waitingBytes} bytes wait to be written, at most ${this.maxBytes} may`
      return Promise.reject(new AdapterError('ADAPTER_OVERLOADED', message))
    }
    return new Promise((done, failed) => {
      this.#waiting.push({ bytes, done, failed })
      this.#waitingBytes += bytes.length
      this.#writing ??= this.#writeAll()
    })
  }

  /** Writes what waits, then lets go of the target. */
  async close(): Promise<void> {
    await this.#writing
    await this.target.close()
  }

  async #writeAll(): Promise<void> {
    // One turn later, so that the lines of one turn of the event loop share a write.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const batch = this.#waiting
      this.#waiting = []
      await this.#write(batch)
    }
    this.#writing = undefined
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    const bytes = Buffer.concat(batch.map(item => item.bytes))
    try {
      await this.target.write(bytes)
      for (const item of batch) item.done()
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      const error = new AdapterError(
        'ADAPTER_UNAVAILABLE',
        `Cannot write ${batch.length} log batches: ${reason}`,
        { cause },
      )
      for (const item of batch) item.failed(error)
    } finally {
      this.#waitingBytes -= bytes.length
    }
  }
}
