import { resolve } from 'node:path'
import type { Timers } from '../timers.js'
import { DescriptorTarget } from './descriptor-target.js'
import { FileTarget, type Rotation } from './file-target.js'
import { LineSink } from './sink.js'

/** Where a handler's lines go. */
export type Destination =
  | { readonly kind: 'descriptor'; readonly descriptor: number }
  | { readonly kind: 'file'; readonly path: string; readonly rotation: Rotation | undefined }

/** A sink in use; `release` once. */
export interface SinkLease {
  readonly sink: LineSink
  /** The last user's release waits for what is to be written, and closes the file. */
  release(): Promise<void>
}

interface Shared {
  readonly sink: LineSink
  readonly file: FileTarget | undefined
  /** Settles when the file is open; rejects when it cannot be. */
  readonly opened: Promise<unknown>
  users: number
}

/**
 * The sinks of one process, one for each destination, so that handlers that write to the same place (two of them, or
 * one and its successor) neither mix their lines nor rotate a file under each other.
 */
export class Sinks {
  readonly #shared = new Map<string, Shared>()
  /** Files that are being closed; they may still rotate until they are. */
  readonly #closing = new Map<string, Promise<void>>()

  constructor(readonly timers: Timers) {}

  /** Rejects when a file cannot be opened. Of several users of one file the last one's rotation holds. */
  async open(destination: Destination, now: () => number): Promise<SinkLease> {
    const key = destination.kind === 'file' ? resolve(destination.path) : `#${destination.descriptor}`
    await this.#closing.get(key)
    const shared = this.#shared.get(key) ?? this.#make(destination, now)
    this.#shared.set(key, shared)
    shared.users++
    try {
      await shared.opened
    } catch (error) {
      await this.#release(key, shared)
      throw error
    }
    if (shared.file !== undefined && destination.kind === 'file') shared.file.rotation = destination.rotation
    return { sink: shared.sink, release: () => this.#release(key, shared) }
  }

  #make(destination: Destination, now: () => number): Shared {
    if (destination.kind === 'descriptor') {
      const target = new DescriptorTarget(destination.descriptor, this.timers)
      return { sink: new LineSink(target), file: undefined, opened: Promise.resolve(), users: 0 }
    }
    const file = new FileTarget(resolve(destination.path), destination.rotation, now)
    return { sink: new LineSink(file), file, opened: file.open(), users: 0 }
  }

  async #release(key: string, shared: Shared): Promise<void> {
    shared.users--
    if (shared.users > 0) return
    this.#shared.delete(key)
    const closing = shared.sink.close().finally(() => this.#closing.delete(key))
    this.#closing.set(key, closing)
    await closing
  }
}
