import type { Vocabulary } from '../../mixer/attributes/index.js'
import type { Clock } from '../../mixer/engine/ports.js'
import type { Shape } from '../shape.js'
import type { Commands } from './connection.js'
import type { Keys } from './keys.js'
import { maxSharedShapes, readShape, writeShape } from './shared-shapes.js'

/** How often the shapes of other hosts are read again, milliseconds. */
const refreshMs = 2_000
/** How long shapes stay in Redis after the last host added one, milliseconds. */
const keepMs = 24 * 3_600_000

interface Known {
  readonly shape: Shape
  readonly written: string
}

/** The shapes of one configuration: this host's, and those that others have found. */
export class KnownShapes {
  #revision: string | undefined
  #byWriting = new Map<string, Known>()
  #shared = new Set<string>()
  readonly #writings = new WeakMap<Shape, string>()
  #readAt = Number.NEGATIVE_INFINITY

  constructor(
    private readonly commands: Commands,
    private readonly keys: Keys,
    private readonly clock: Clock,
  ) {}

  /** Every shape to look under. Waits for Redis only the first time for a configuration; rejects when it fails then. */
  async all(revision: string, vocabulary: Vocabulary, own: readonly Shape[]): Promise<readonly Known[]> {
    const isNew = revision !== this.#revision
    if (isNew) {
      this.#revision = revision
      this.#byWriting = new Map()
      this.#shared = new Set()
      this.#readAt = Number.NEGATIVE_INFINITY
    }
    if (this.clock.now() - this.#readAt >= refreshMs) {
      this.#readAt = this.clock.now()
      const reading = this.#read(revision, vocabulary)
      if (isNew) await reading
      else reading.catch(() => {}) // the next look-up shows whether Redis is there
    }
    for (const shape of own) this.#add(shape, this.#write(shape, vocabulary))
    return [...this.#byWriting.values()]
  }

  /** Tells other hosts of a shape, once. */
  share(revision: string, written: string): void {
    if (revision !== this.#revision || this.#shared.has(written)) return
    this.#shared.add(written)
    this.commands
      .addShape(this.keys.shapes(revision), written, maxSharedShapes, keepMs)
      .catch(() => this.#shared.delete(written))
  }

  async #read(revision: string, vocabulary: Vocabulary): Promise<void> {
    const members = await this.commands.shapes(this.keys.shapes(revision))
    if (!Array.isArray(members) || revision !== this.#revision) return
    // What is not there any more (the data was lost) is told again when the next answer is shared.
    this.#shared = new Set(members.filter(member => typeof member === 'string'))
    for (const written of members.slice(0, maxSharedShapes)) {
      if (typeof written !== 'string' || this.#byWriting.has(written)) continue
      const shape = readShape(written, vocabulary)
      // Written again, because Redis may hold a text that means the same in other words.
      if (shape !== undefined) this.#add(shape, this.#write(shape, vocabulary))
    }
  }

  #add(shape: Shape, written: string): void {
    if (this.#byWriting.has(written) || this.#byWriting.size >= 2 * maxSharedShapes) return
    this.#byWriting.set(written, { shape, written })
  }

  #write(shape: Shape, vocabulary: Vocabulary): string {
    let written = this.#writings.get(shape)
    if (written === undefined) {
      written = writeShape(shape, vocabulary)
      this.#writings.set(shape, written)
    }
    return written
  }
}
