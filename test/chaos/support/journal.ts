import { appendFileSync, existsSync, readFileSync } from 'node:fs'

/** One report call as an adapter wrote it down. */
interface Entry {
  readonly dedupId: string
  readonly ids: readonly string[]
}

/**
 * Writes a report call down, in one write at the end of the file: several adapters may share the file, and one that is
 * killed leaves whole lines.
 */
export function writeDown(path: string, entry: Entry): void {
  appendFileSync(path, `${JSON.stringify(entry)}\n`)
}

/** What adapters saw of the reports, all of them together. */
export interface Journal {
  /** How often each instance was handed to an adapter, retries included. */
  readonly seen: ReadonlyMap<string, number>
  /** How often an adapter that does nothing twice for one deduplication id would have counted it. */
  readonly counted: ReadonlyMap<string, number>
}

/** Reads what was written down. Adapters write before they answer: what the host counts as delivered is here. */
export function readJournal(path: string): Journal {
  const seen = new Map<string, number>()
  const counted = new Map<string, number>()
  const known = new Set<string>()
  for (const line of existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []) {
    if (line === '') continue
    const { dedupId, ids }: Entry = JSON.parse(line)
    for (const id of ids) seen.set(id, (seen.get(id) ?? 0) + 1)
    if (known.has(dedupId)) continue
    known.add(dedupId)
    for (const id of ids) counted.set(id, (counted.get(id) ?? 0) + 1)
  }
  return { seen, counted }
}
