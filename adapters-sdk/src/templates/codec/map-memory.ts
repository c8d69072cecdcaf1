import type { WireReader } from '../wire/reader.js'
import type { PlainRecord } from '../wire/record.js'
import { type Entry, EntryMemo, heldBy, type KnownEntry } from './entry-memo.js'
import { EntryRuns } from './entry-runs.js'

/** Reads entries of one map field, with what is remembered of those that came before: whole runs first, then single ones. */
export class MapMemory {
  readonly #memo = new EntryMemo()
  readonly #runs = new EntryRuns()
  #depth: number | undefined

  constructor(
    /** The field's key. */
    readonly key: number,
    /** Reads the rest of the entry that the reader is in. */
    readonly readEntry: (reader: WireReader) => Entry,
  ) {}

  /**
   * Whether the memory is for maps as deep inside messages as the reader is: bytes that can be read in one depth may be too
   * deep in another. It is for the depth that it was first asked about; messages that contain themselves have more.
   */
  serves({ depth }: WireReader): boolean {
    this.#depth ??= depth
    return this.#depth === depth
  }

  /** Reads the entry whose key has been read, and those behind it. */
  read(reader: WireReader, map: PlainRecord): void {
    const { buffer, at, end } = reader
    const run = this.#runs.find(buffer, at, end)
    if (run === undefined) this.#readEach(reader, map)
    else {
      run.putInto(map)
      reader.pass(run.length)
    }
  }

  #readEach(reader: WireReader, map: PlainRecord): void {
    const { buffer, at: start } = reader
    const run: KnownEntry[] = []
    let entries = 0
    do {
      entries++
      const outer = reader.enter()
      const { at, end } = reader
      const known = this.#memo.find(buffer, at, end)
      if (known !== undefined) {
        run.push(known)
        map[known.name] = heldBy(known)
        reader.toEnd()
      } else {
        const entry = this.readEntry(reader)
        this.#memo.keep(buffer, at, end, entry)
        if (entry.value !== undefined) map[entry.name] = entry.value
      }
      reader.leave(outer)
    } while (reader.passKey(this.key))
    if (run.length === entries) this.#runs.learn(buffer, start, reader.at, run)
  }
}
