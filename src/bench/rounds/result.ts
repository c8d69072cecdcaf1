import { cpus, loadavg, release, totalmem, type } from 'node:os'
import { packageVersion } from '../../cli/package-facts.js'
import type { Row } from './row.js'

/** The format of result files; another number: another form. */
export const resultFormat = 'outboard-bench/1'

/** Where something was measured, and with what. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryBytes: number
  readonly system: string
  readonly node: string
  readonly outboard: string
  /** Processes that wanted to run in the last minute before the run; about 0 on a quiet machine. */
  readonly loadBefore: number
  /** Whether the program ran from its sources, translated while loading: slower to start, and a little slower to run. */
  readonly fromSource: boolean
}

/** Everything that one run of the benchmark found. */
export interface Result {
  readonly format: typeof resultFormat
  /** Which benchmark: `placements`, `scale`, ... */
  readonly kind: string
  /** What to type to measure the same again. */
  readonly command: string
  /** When, ISO 8601. */
  readonly at: string
  readonly machine: Machine
  /** How it was measured, where it could have been otherwise: by which door, say. Results of other options are not compared. */
  readonly options: Readonly<Record<string, string>>
  readonly rows: readonly Row[]
  /** Figures against their limits; only of `figures` and `istio-shape`. */
  readonly figures: readonly Figure[]
  /** What a reader must know to read it rightly. */
  readonly notes: readonly string[]
}

/** One figure against what is wanted of it. */
export interface Figure {
  readonly id: string
  readonly title: string
  readonly unit: string
  /** Whether less or more is better; `wanted` and `aim` are limits in that direction. */
  readonly better: 'less' | 'more'
  readonly wanted: number
  readonly aim: number | undefined
  /** undefined: refused, for the reason given. */
  readonly measured: { readonly value: number; readonly low: number; readonly high: number } | undefined
  readonly reason: string | undefined
  /** What it was computed from, for a reader who doubts it. */
  readonly basis: string
}

export function machineFacts(): Machine {
  const [cpu] = cpus()
  return {
    cpu: cpu?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    system: `${type()} ${release().split('.').slice(0, 2).join('.')} ${process.arch}`,
    node: process.versions.node,
    outboard: packageVersion(),
    loadBefore: loadavg()[0] ?? 0,
    fromSource: import.meta.url.endsWith('.ts'),
  }
}

/** Whether a figure keeps to a limit; `unknown` when it was not measured. */
export function keeps(figure: Figure, limit: number | undefined): 'yes' | 'no' | 'unknown' {
  if (figure.measured === undefined || limit === undefined) return 'unknown'
  const { value } = figure.measured
  return (figure.better === 'less' ? value <= limit : value >= limit) ? 'yes' : 'no'
}
