import { Command } from 'commander'
import type { Row } from '../rounds/row.js'
import { dimensions } from '../scale/dimensions.js'
import type { BenchContext } from './context.js'
import { type CommonFlags, namesOf, withCommonOptions } from './options.js'
import { measureAndDeliver } from './run.js'
import { type Bench, type Findings, type Pace, paceOf } from './session.js'

interface ScaleFlags extends CommonFlags {
  readonly only?: readonly string[]
}

const examples = `
Examples:
  outboard bench scale
  outboard bench scale --only rules,handlers --json scale.json`

export function scaleCommand(context: BenchContext): Command {
  const names = dimensions.map(({ name }) => name)
  return withCommonOptions(
    new Command('scale').description('what does it cost when there is more of something?'),
    { rounds: 5, seconds: 0.6 },
  )
    .option('--only <names>', `dimensions: ${names.join(', ')}`, namesOf(names))
    .addHelpText('after', examples)
    .action(async (flags: ScaleFlags) => {
      const extent = flags.quick === true ? 'quick' : 'usual'
      await measureAndDeliver({ kind: 'scale', options: {} }, flags, context, bench =>
        scale(bench, paceOf(flags), flags.only, extent),
      )
    })
}

/** One dimension after the other. `only`: the names of those wanted. */
export async function scale(
  bench: Bench,
  pace: Pace,
  only: readonly string[] | undefined,
  extent: 'usual' | 'quick',
): Promise<Findings> {
  const rows: Row[] = []
  for (const { name, points, quickPoints, measure } of dimensions) {
    if (only !== undefined && !only.includes(name)) continue
    const at = extent === 'quick' ? quickPoints : points
    rows.push(...(await bench.alone(inner => measure(inner, pace, at))))
  }
  const notes = [
    'Ratios are to the first row of each table, round by round.',
    'The share of cache hits is what the host itself counted, over warm-up and all rounds.',
  ]
  return { rows, figures: [], notes }
}
