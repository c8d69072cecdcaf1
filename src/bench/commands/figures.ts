import { Command } from 'commander'
import { checkFigures } from '../figures/checks.js'
import { echoAtEnd } from '../figures/echo.js'
import { hopFigures } from '../figures/hop.js'
import { processFigures } from '../figures/processes.js'
import { reportFigures } from '../figures/reports.js'
import { ruleFigures } from '../figures/rules.js'
import { startFigures } from '../figures/start.js'
import { deliver } from '../report/deliver.js'
import type { Figure } from '../rounds/result.js'
import type { Row } from '../rounds/row.js'
import type { BenchContext } from './context.js'
import { istioShape } from './istio-shape.js'
import { type CommonFlags, deliveryOf, withCommonOptions } from './options.js'
import { type Bench, type Findings, type Pace, paceOf, runSession } from './session.js'

/** Starts of a host whose time is taken. */
const starts = { usual: 7, quick: 2 }
/** Verdicts in the full cache of a quick run. */
const quickEntries = 2_000

interface Part {
  readonly rows: readonly Row[]
  readonly figures: readonly Figure[]
}

export function figuresCommand(context: BenchContext): Command {
  return withCommonOptions(
    new Command('figures').description('every figure that Outboard holds itself to, against its limits'),
    { rounds: 7, seconds: 1 },
  )
    .addHelpText('after', '\nThe table in docs/performance.md is made of a result that this keeps.')
    .action(async (flags: CommonFlags) => {
      const result = await runSession('figures', context, bench =>
        figures(bench, paceOf(flags), flags.quick === true ? 'quick' : 'usual'),
      )
      deliver(result, deliveryOf(flags), context.out)
    })
}

/** One part after the other: each with its processes alone, as far as that is possible. */
export async function figures(bench: Bench, pace: Pace, extent: 'usual' | 'quick'): Promise<Findings> {
  const parts: ((bench: Bench) => Promise<Part>)[] = [
    alone => checkFigures(alone, pace),
    alone => reportFigures(alone, pace),
    alone => ruleFigures(alone, pace),
    alone => istioShape(alone, pace),
    async alone => ({
      rows: [],
      figures: await startFigures(alone, starts[extent], extent === 'quick' ? quickEntries : undefined),
    }),
    alone => hopFigures(alone, pace),
    alone => processFigures(alone, pace),
    async alone => ({ rows: await echoAtEnd(alone, pace), figures: [] }),
  ]
  const found: Part[] = []
  for (const part of parts) found.push(await bench.alone(part))
  return {
    rows: found.flatMap(({ rows }) => rows),
    figures: found.flatMap(({ figures: some }) => some),
    notes: [
      'Ratios are taken round by round, within seconds; brackets are 95 % intervals over rounds.',
      'Load, host and adapter share the machine. CPU per operation does not depend on that; throughput does.',
    ],
  }
}
