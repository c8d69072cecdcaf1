import { LoadGenerator, type Shape } from '../load/generator.js'
import { unlessInterrupted } from '../process/interruption.js'
import { Scratch } from '../process/scratch.js'
import { type ProgressLine, progressLine, roundProgress } from '../report/progress.js'
import { measureRows, type Planned, type Timing } from '../rounds/interleave.js'
import type { Subject } from '../rounds/measure.js'
import { type Figure, machineFacts, type Result, resultFormat } from '../rounds/result.js'
import type { Cold, Row } from '../rounds/row.js'
import type { BenchContext } from './context.js'

/** What every benchmark works with while it runs. */
export interface Bench {
  readonly generator: LoadGenerator
  readonly scratch: Scratch
  readonly line: ProgressLine
  /** Measures rows, and shows how far it is. */
  measure(planned: readonly Planned[], timing: Timing): Promise<Row[]>
  /** Work whose processes end with it, so that later work has the machine to itself. */
  alone<T>(work: (bench: Bench) => Promise<T>): Promise<T>
}

/** What a benchmark brings. */
export interface Findings {
  readonly rows: readonly Row[]
  readonly figures: readonly Figure[]
  readonly notes: readonly string[]
}

/** Runs a benchmark with a load generator and a scratch of its own; nothing of it is left running. */
export async function runSession(
  { kind, options }: Pick<Result, 'kind' | 'options'>,
  context: Pick<BenchContext, 'progress' | 'command' | 'now'>,
  work: (bench: Bench) => Promise<Findings>,
): Promise<Result> {
  const machine = machineFacts()
  const line = progressLine(context.progress)
  try {
    const findings = await inScratch(line, async scratch => {
      const generator = scratch.keep(new LoadGenerator())
      return work(benchOf(generator, scratch, line))
    })
    const { command, now } = context
    return { format: resultFormat, kind, options, command, at: now(), machine, ...findings }
  } finally {
    await unlessInterrupted()
    line.clear()
  }
}

function benchOf(generator: LoadGenerator, scratch: Scratch, line: ProgressLine): Bench {
  return {
    generator,
    scratch,
    line,
    measure: (planned, timing) => measureRows(planned, timing, roundProgress(line)),
    alone: work => inScratch(line, inner => work(benchOf(generator, inner, line))),
  }
}

async function inScratch<T>(line: ProgressLine, work: (scratch: Scratch) => Promise<T>): Promise<T> {
  const scratch = new Scratch()
  try {
    return await work(scratch)
  } finally {
    line.say('ending processes')
    await scratch.close()
  }
}

/** How long a benchmark measures. */
export interface Pace extends Timing {
  /** Load before the first round of a subject, milliseconds: code is compiled and caches fill. */
  readonly warmMs: number
}

export function paceOf({
  rounds,
  seconds,
  quick = false,
}: {
  rounds: number
  seconds: number
  quick?: boolean
}): Pace {
  return quick ? { rounds: 2, ms: 200, warmMs: 200 } : { rounds, ms: seconds * 1_000, warmMs: 2_000 }
}

/** The load under which most subjects are warmed up and compared: enough to keep one process busy. */
export const saturating = { kind: 'closed', depth: 64 } as const satisfies Shape

export async function warm(subject: Subject, { warmMs }: Pace, shape: Shape = saturating): Promise<void> {
  await subject.load.run(shape, warmMs)
}

/** A row that is to be measured, its id made of its group's key and its own. */
export function plan(
  group: { readonly key: string; readonly setting: string },
  one: {
    readonly key: string
    readonly name: string
    readonly shape: Shape
    readonly subject: Subject
    readonly cold?: Cold
  },
  referenceKey?: string,
): Planned {
  return {
    id: `${group.key}/${one.key}`,
    name: one.name,
    setting: group.setting,
    shape: one.shape,
    reference:
      referenceKey === undefined || referenceKey === one.key ? undefined : `${group.key}/${referenceKey}`,
    subject: one.subject,
    cold: one.cold,
  }
}
