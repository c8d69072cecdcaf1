import { Command } from 'commander'
import { checkFigures } from '../figures/checks.js'
import { echoAtEnd } from '../figures/echo.js'
import { hopFigures } from '../figures/hop.js'
import { processFigures } from '../figures/processes.js'
import { reportFigures } from '../figures/reports.js'
import { ruleFigures } from '../figures/rules.js'
import { startFigures } from '../figures/start.js'
import type { Figure } from '../rounds/result.js'
import type { Row } from '../rounds/row.js'
import type { BenchContext } from './context.js'
import { istioShape } from './istio-shape.js'
import { type CommonFlags, namesOf, withCommonOptions } from './options.js'
import { measureAndDeliver } from './run.js'
import { type Bench, type Findings, type Pace, paceOf } from './session.js'

interface FiguresFlags extends CommonFlags {
  readonly only?: readonly string[]
}

/** Starts of a host whose time is taken. */
const starts = { usual: 7, quick: 2 }
/** Verdicts in the full cache of a quick run. */
const quickEntries = 2_000

interface Part {
  readonly rows: readonly Row[]
  readonly figures: readonly Figure[]
}

type Extent = 'usual' | 'quick'

interface NamedPart {
  readonly name: string
  readonly measure: (bench: Bench, pace: Pace, extent: Extent) => Promise<Part>
}

/** In the order in which they are measured. */
const parts: readonly NamedPart[] = [
  { name: 'checks', measure: checkFigures },
  { name: 'reports', measure: reportFigures },
  { name: 'rules', measure: ruleFigures },
  { name: 'istio-shape', measure: (bench, pace) => istioShape(bench, pace) },
  {
    name: 'start',
    measure: async (bench, _, extent) => {
      const entries = extent === 'quick' ? quickEntries : undefined
      return { rows: [], figures: await startFigures(bench, starts[extent], entries) }
    },
  },
  { name: 'hop', measure: hopFigures },
  { name: 'processes', measure: processFigures },
  { name: 'echo', measure: async (bench, pace) => ({ rows: await echoAtEnd(bench, pace), figures: [] }) },
]

export function figuresCommand(context: BenchContext): Command {
  const names = parts.map(({ name }) => name)
  return withCommonOptions(
    new Command('figures').description('every figure that Outboard holds itself to, against its limits'),
    { rounds: 7, seconds: 2 },
  )
    .option('--only <names>', `parts: ${names.join(', ')}`, namesOf(names))
    .addHelpText('after', '\nThe table in docs/performance.md is made of a result that this keeps.')
    .action(async (flags: FiguresFlags) => {
      const extent = flags.quick === true ? 'quick' : 'usual'
      await measureAndDeliver({ kind: 'figures', options: {} }, flags, context, bench =>
        figures(bench, paceOf(flags), flags.only, extent),
      )
    })
}

/** One part after the other: each with its processes alone, as far as that is possible. `only`: the names of those wanted. */
export async function figures(
  bench: Bench,
  pace: Pace,
  only: readonly string[] | undefined,
  extent: Extent,
): Promise<Findings> {
  const found: Part[] = []
  for (const { name, measure } of parts)
    if (only === undefined || only.includes(name))
      found.push(await bench.alone(alone => measure(alone, pace, extent)))
  return {
    rows: found.flatMap(({ rows }) => rows),
    figures: found.flatMap(({ figures: some }) => some),
    notes: [
      'Ratios are taken round by round, within seconds; brackets are 95 % intervals over rounds.',
      'Load, host and adapter share the machine. CPU per operation does not depend on that; throughput does.',
    ],
  }
}
