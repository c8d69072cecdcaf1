import { parseIp } from '../values/ip.js'
import { NetworkSet, parseNetwork } from './networks.js'

/** What the entries of a list are, and so how a value is looked up. */
export type EntryType = 'STRINGS' | 'CASE_INSENSITIVE_STRINGS' | 'IP_ADDRESSES' | 'REGEX'

/** Whether a value is on the list; `unusable` when it is not of the kind the list holds. */
export type Found = 'yes' | 'no' | 'unusable'

/** Entries, compiled once. */
export interface Entries {
  /** Entries that can be told apart. */
  readonly size: number
  find(value: string): Found
}

/** An entry that cannot be one of its list's type. */
export class EntryError extends Error {
  override readonly name = 'EntryError'
  readonly code = 'LIST_ENTRY_INVALID'
  constructor(
    readonly index: number,
    message: string,
  ) {
    super(message)
  }
}

/**
 * Compiles entries for look-up.
 * @throws {EntryError} for the first address, block or expression that cannot be parsed.
 */
export async function compileEntries(type: EntryType, entries: readonly string[]): Promise<Entries> {
  switch (type) {
    case 'STRINGS':
      return textEntries(entries, text => text)
    case 'CASE_INSENSITIVE_STRINGS':
      return textEntries(entries, upperCase)
    case 'IP_ADDRESSES':
      return addressEntries(entries)
    case 'REGEX':
      return regexEntries(entries)
  }
}

/**
 * Upper case as Go has it, each character by itself: `straße` stays one text, and is not `STRASSE`. Characters whose upper
 * case is several ones (`ß`, the ligature `ﬁ`, `ᾳ` and its title case `ᾼ`) are compared in lower case.
 */
function upperCase(text: string): string {
  const upper = text.toUpperCase()
  // No character becomes shorter; with the length the same, each has become one. Almost all texts end here.
  if (upper.length === text.length) return upper
  let result = ''
  for (const char of text) {
    const mapped = char.toUpperCase()
    result += mapped.length === char.length ? mapped : char.toLowerCase()
  }
  return result
}

function textEntries(entries: readonly string[], canonical: (text: string) => string): Entries {
  const known = new Set(entries.map(canonical))
  return { size: known.size, find: value => (known.has(canonical(value)) ? 'yes' : 'no') }
}

function addressEntries(entries: readonly string[]): Entries {
  const networks = entries.map((entry, index) => {
    const network = parseNetwork(entry)
    if (network === undefined)
      throw new EntryError(index, `cannot read ${quoted(entry)} as an address or a block`)
    return network
  })
  const set = new NetworkSet(networks)
  return {
    size: networks.length,
    find: value => {
      const address = parseIp(value)
      if (address === undefined) return 'unusable'
      return set.has(address) ? 'yes' : 'no'
    },
  }
}

async function regexEntries(entries: readonly string[]): Promise<Entries> {
  if (entries.length === 0) return { size: 0, find: () => 'no' }
  // Linear in the value's length whatever the expression; loaded only by those who need it.
  const { RE2JS } = await import('re2js')
  const expressions = entries.map((entry, index) => {
    try {
      return RE2JS.compile(entry)
    } catch (cause) {
      throw new EntryError(index, `cannot compile ${quoted(entry)} as RE2: ${messageOf(cause)}`)
    }
  })
  return {
    size: expressions.length,
    find: value => (expressions.some(expression => expression.test(value)) ? 'yes' : 'no'),
  }
}

function quoted(entry: string): string {
  return JSON.stringify(entry.length > 80 ? `${entry.slice(0, 80)}…` : entry)
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
