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
  /** As `LineSink.append`. From the first lines on, the lease's own rotation holds. */
  append(lines: string): Promise<void>
  /** The last user's release waits for what is to be written, and closes the file. */
  release(): Promise<void>
}

interface Shared {
  readonly sink: LineSink
  readonly file: FileTarget | undefined
  /** Settles when the file is open; rejects when it cannot be. */
  readonly opened: Promise<unknown>
  /** Those that have written nothing yet, then the others; the last one's rotation holds. */
  users: readonly User[]
}

interface User {
  readonly rotation: Rotation | undefined
  hasWritten: boolean
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

  /**
   * Rejects when a file cannot be opened. Of several users of one file the rotation of the one that was the last to begin
   * to write holds: a handler is opened before it is known whether its configuration goes into force.
   */
  async open(destination: Destination, now: () => number): Promise<SinkLease> {
    const key = destination.kind === 'file' ? resolve(destination.path) : `#${destination.descriptor}`
    await this.#closing.get(key)
    const shared = this.#shared.get(key) ?? this.#make(destination, now)
    this.#shared.set(key, shared)
    const rotation = destination.kind === 'file' ? destination.rotation : undefined
    const user: User = { rotation, hasWritten: false }
    setUsers(shared, [...shared.users.filter(isIdle), user, ...shared.users.filter(other => !isIdle(other))])
    try {
      await shared.opened
    } catch (error) {
      await this.#release(key, shared, user)
      throw error
    }
    return {
      append(lines) {
        if (!user.hasWritten) beginWriting(shared, user)
        return shared.sink.append(lines)
      },
      release: () => this.#release(key, shared, user),
    }
  }

  #make(destination: Destination, now: () => number): Shared {
    if (destination.kind === 'descriptor') {
      const target = new DescriptorTarget(destination.descriptor, this.timers)
      return { sink: new LineSink(target), file: undefined, opened: Promise.resolve(), users: [] }
    }
    const file = new FileTarget(resolve(destination.path), destination.rotation, now)
    return { sink: new LineSink(file), file, opened: file.open(), users: [] }
  }

  async #release(key: string, shared: Shared, user: User): Promise<void> {
    const left = shared.users.filter(other => other !== user)
    if (left.length > 0) {
      setUsers(shared, left)
      return
    }
    shared.users = left
    this.#shared.delete(key)
    const closing = shared.sink.close().finally(() => this.#closing.delete(key))
    this.#closing.set(key, closing)
    await closing
  }
}

function isIdle(user: User): boolean {
  return !user.hasWritten
}

function beginWriting(shared: Shared, user: User): void {
  user.hasWritten = true
  setUsers(shared, [...shared.users.filter(other => other !== user), user])
}

function setUsers(shared: Shared, users: readonly User[]): void {
  shared.users = users
  const inForce = users.at(-1)
  if (shared.file !== undefined && inForce !== undefined) shared.file.rotation = inForce.rotation
}
