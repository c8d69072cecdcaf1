import { Fields } from './fields.js'

/** What a process used between two moments, told by itself. Of several processes behind one address: all together. */
export interface Usage {
  /** User and system time of all threads, microseconds. */
  readonly cpuUs: number
  /** Of several processes added up, so that a share of it is that of one process. */
  readonly wallMs: number
  /** The largest resident set seen by looking every 25 ms, bytes. */
  readonly peakRssBytes: number
  /**
   * Time that JavaScript stood still for garbage collection, milliseconds. Work of V8's helper threads is in `cpuUs`.
   * undefined: the process does not tell.
   */
  readonly gcMs: number | undefined
  /** Bytes allocated on V8's heap: its growth from the end of each collection to the beginning of the next. undefined: see above. */
  readonly allocatedBytes: number | undefined
}

/** @throws {FieldError} */
export function readUsage(value: unknown): Usage {
  const fields = new Fields('usage', value)
  return {
    cpuUs: fields.number('cpuUs'),
    wallMs: fields.number('wallMs'),
    peakRssBytes: fields.number('peakRssBytes'),
    gcMs: fields.maybeNumber('gcMs'),
    allocatedBytes: fields.maybeNumber('allocatedBytes'),
  }
}

/** Of processes that worked side by side. @throws {TypeError} without any */
export function together(usages: readonly Usage[]): Usage {
  if (usages.length === 0) throw new TypeError('there is no usage to add up')
  return added(
    usages,
    sumOf(usages, usage => usage.peakRssBytes),
  )
}

/** Of one process in several stretches of time; undefined: there are none. */
export function inTurn(usages: readonly Usage[]): Usage | undefined {
  if (usages.length === 0) return undefined
  return added(usages, Math.max(...usages.map(({ peakRssBytes }) => peakRssBytes)))
}

function added(usages: readonly Usage[], peakRssBytes: number): Usage {
  return {
    cpuUs: sumOf(usages, usage => usage.cpuUs),
    wallMs: sumOf(usages, usage => usage.wallMs),
    peakRssBytes,
    gcMs: knownSum(usages.map(usage => usage.gcMs)),
    allocatedBytes: knownSum(usages.map(usage => usage.allocatedBytes)),
  }
}

/** undefined when one of them is. */
function knownSum(values: readonly (number | undefined)[]): number | undefined {
  let sum = 0
  for (const value of values) {
    if (value === undefined) return undefined
    sum += value
  }
  return sum
}

function sumOf(usages: readonly Usage[], of: (usage: Usage) => number): number {
  return usages.reduce((total, usage) => total + of(usage), 0)
}

/** One function of a CPU profile, with the time that was spent in itself. */
export interface SelfTime {
  readonly name: string
  /** Shortened file and line; empty: part of Node or V8. */
  readonly at: string
  /** Share of the time that was not idle, 0 to 1. */
  readonly share: number
  readonly ms: number
}

/** Where a process spent its time. */
export interface Profile {
  /** The functions that took most, most first. */
  readonly functions: readonly SelfTime[]
  /** All of it, by the part of the program: a room of ours, a package, Node, V8. */
  readonly parts: readonly SelfTime[]
}

/** @throws {FieldError} */
export function readProfile(value: unknown): Profile {
  const fields = new Fields('a profile', value)
  return { functions: fields.list('functions', readSelfTime), parts: fields.list('parts', readSelfTime) }
}

function readSelfTime(row: unknown): SelfTime {
  const fields = new Fields('a row of a profile', row)
  return {
    name: fields.text('name'),
    at: fields.text('at'),
    share: fields.number('share'),
    ms: fields.number('ms'),
  }
}
