import { figureOf, type Of } from '../rounds/figures-of-row.js'
import type { Result } from '../rounds/result.js'
import { groupOf, type Row } from '../rounds/row.js'
import { mean } from '../stats/student.js'
import { discoveries, welch } from '../stats/welch.js'

/** A figure that is not what it was. */
export interface Change {
  readonly row: string
  readonly figure: string
  readonly before: number
  readonly after: number
  /** `after` over `before`, less one. */
  readonly change: number
}

/** A row that holds in one of two results only. */
export interface Lost {
  readonly row: string
  readonly reason: string
}

/** What has become of a result. */
export interface Comparison {
  /** When the earlier one was measured. */
  readonly since: string
  /** Rows that hold in both. */
  readonly rows: number
  readonly changes: readonly Change[]
  /** Rows that held and do so no more. */
  readonly invalid: readonly Lost[]
  /** Rows that did not hold, and why they did not. */
  readonly mended: readonly Lost[]
  readonly gone: readonly string[]
  readonly added: readonly string[]
  readonly isSameMachine: boolean
}

/** What is compared, by its name in the table. */
const compared: readonly (readonly [name: string, of: Of])[] = [
  ['op/s', figureOf.perSecond],
  ['p50 µs', figureOf.p50],
  ['p99 µs', figureOf.p99],
  ['CPU µs, host', figureOf.hostCpuUs],
  ['CPU µs, adapter', figureOf.adapterCpuUs],
  ['bytes/op, host', figureOf.hostAllocated],
]

/** Differences smaller than this share are noise, however well rounds agree. */
const leastChange = 0.03

export function comparison(before: Result, after: Result): Comparison {
  const both = pairsOf(before, after)
  const lost = (pairs: readonly Pair[], of: (pair: Pair) => Row): Lost[] =>
    pairs.map(pair => ({ row: titleOf(pair.is), reason: of(pair).invalid ?? '' }))
  return {
    since: before.at,
    rows: both.filter(holdsInBoth).length,
    changes: changesBetween(before, after),
    invalid: lost(
      both.filter(({ was, is }) => was.invalid === undefined && is.invalid !== undefined),
      ({ is }) => is,
    ),
    mended: lost(
      both.filter(({ was, is }) => was.invalid !== undefined && is.invalid === undefined),
      ({ was }) => was,
    ),
    gone: before.rows.filter(({ id }) => both.every(({ is }) => is.id !== id)).map(titleOf),
    added: after.rows.filter(({ id }) => both.every(({ is }) => is.id !== id)).map(titleOf),
    isSameMachine: before.machine.cpu === after.machine.cpu && before.machine.cores === after.machine.cores,
  }
}

/**
 * What changed beyond noise, over all figures of all rows that hold in both: the more are compared, the more differ by chance,
 * which is why they are judged together (see `discoveries`). Differences below 3 % are none.
 */
export function changesBetween(before: Result, after: Result): Change[] {
  const candidates = pairsOf(before, after)
    .filter(holdsInBoth)
    .flatMap(pair => compared.flatMap(([figure, of]) => candidatesOf(pair, figure, of)))
  const found = discoveries(candidates.map(({ probability }) => probability))
  return candidates
    .filter(({ change }, i) => found.has(i) && Math.abs(change.change) >= leastChange)
    .map(({ change }) => change)
}

interface Pair {
  readonly was: Row
  readonly is: Row
}

function pairsOf(before: Result, after: Result): Pair[] {
  const rowsBefore = new Map(before.rows.map(row => [row.id, row]))
  return after.rows.flatMap(is => {
    const was = rowsBefore.get(is.id)
    return was === undefined ? [] : [{ was, is }]
  })
}

function holdsInBoth({ was, is }: Pair): boolean {
  return was.invalid === undefined && is.invalid === undefined
}

function titleOf(row: Row): string {
  return `${row.name}, ${groupOf(row)}`
}

function candidatesOf({ was, is }: Pair, figure: string, of: Of): { change: Change; probability: number }[] {
  const [then, now] = [was.rounds.map(of), is.rounds.map(of)]
  if (then.length < 2 || now.length < 2) return []
  const [before, after] = [mean(then), mean(now)]
  // What no process was asked for, and what a schedule makes the same each time, is no figure that could have changed by chance.
  if (before === 0 || (before === after && [...then, ...now].every(value => value === before))) return []
  const change = { row: titleOf(is), figure, before, after, change: after / before - 1 }
  // Noise is a share of a figure: by their logarithms both spread alike, however much larger one is.
  const isPositive = [...then, ...now].every(value => value > 0)
  const probability = isPositive ? welch(then.map(Math.log), now.map(Math.log)) : welch(then, now)
  return [{ change, probability }]
}
