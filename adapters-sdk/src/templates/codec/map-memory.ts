import { KnownRecords } from '../wire/known-records.js'
import type { WireReader } from '../wire/reader.js'
import { PlainRecord } from '../wire/record.js'
import { type Entry, EntryMemo, type KnownEntry } from './entry-memo.js'
import { Runs } from './runs.js'

/** Runs of entries that are kept; beyond these few `KnownRecords` tells a map by its entries. */
const runPlaces = 4

/**
 * Reads the entries of one map field, with what is remembered of those that came before: whole runs first, then single ones.
 * Maps are frozen, because those that come again are given out again.
 */
export class MapMemory {
  readonly #memo = new EntryMemo()
  /** From behind the first entry's key to the end of the last entry, and the map. */
  readonly #runs = new Runs<PlainRecord>(runPlaces)
  readonly #records = new KnownRecords<KnownEntry>()
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

  /** Reads the entry whose key has been read, and those behind it, into a map that has those of `before`. */
  read(reader: WireReader, before: PlainRecord | undefined): PlainRecord {
    const { buffer, at, end } = reader
    const run = this.#runs.find(buffer, at, end)
    const known = run?.what
    if (run === undefined || known === undefined) return this.#readEach(reader, before)
    reader.pass(run.length)
    return before === undefined ? known : together(before, known)
  }

  #readEach(reader: WireReader, before: PlainRecord | undefined): PlainRecord {
    const { buffer, at: start } = reader
    const entries: Entry[] = []
    const known: KnownEntry[] = []
    let hash = 0
    do {
      const outer = reader.enter()
      const { at, end } = reader
      const found = this.#memo.find(buffer, at, end)
      if (found !== undefined) reader.toEnd()
      const entry: Entry = found ?? this.readEntry(reader)
      const kept = found ?? this.#memo.keep(buffer, at, end, entry)
      entries.push(entry)
      if (kept !== undefined) {
        known.push(kept)
        hash = Math.imul(hash, 31) + kept.place
      }
      reader.leave(outer)
    } while (reader.passKey(this.key))
    if (before !== undefined) return together(before, recordOf(entries))
    if (known.length < entries.length) return Object.freeze(recordOf(entries))
    const record = this.#recordOf(known, hash)
    if (known.length > 1) this.#runs.learn(buffer, start, reader.at, () => record)
    return record
  }

  #recordOf(entries: readonly KnownEntry[], hash: number): PlainRecord {
    const known = this.#records.find(entries, hash)
    if (known !== undefined) return known
    const record = recordOf(entries)
    this.#records.keep(entries, hash, record)
    return record
  }
}

function recordOf(entries: readonly Entry[]): PlainRecord {
  const record = new PlainRecord()
  for (const { name, value } of entries) if (value !== undefined) record[name] = value
  return record
}

/** A map that came in parts is one map; an entry of the later part counts. */
function together(before: PlainRecord, later: PlainRecord): PlainRecord {
  return Object.freeze(Object.assign(new PlainRecord(), before, later))
}
