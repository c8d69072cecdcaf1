import { Command, Option } from 'commander'
import type { Shape } from '../load/generator.js'
import { type ClientKind, clientKinds } from '../load/unary-client.js'
import { type PlacementRow, placementRows, referencePlacement } from '../placements/list.js'
import {
  type BenchDoor,
  benchDoors,
  connectSubject,
  type LoadSource,
  type OpenedSubject,
  standardSetup,
  startSubject,
} from '../placements/open.js'
import { startTogether } from '../process/start-together.js'
import { standardWorkload } from '../requests/workload.js'
import type { Planned } from '../rounds/interleave.js'
import type { BenchContext } from './context.js'
import { type CommonFlags, connectionCount, namesOf, wholeNumbers, withCommonOptions } from './options.js'
import { measureAndDeliver } from './run.js'
import { type Bench, type Findings, type Pace, paceOf, warm } from './session.js'

interface PlacementFlags extends CommonFlags {
  readonly door: BenchDoor
  readonly depths?: readonly number[]
  readonly rates?: readonly number[]
  readonly cache: 'on' | 'off' | 'both'
  readonly only?: readonly string[]
  readonly connections: number
  readonly client: ClientKind
}

export interface PlacementsPlan extends Pace {
  readonly door: BenchDoor
  readonly depths: readonly number[]
  readonly rates: readonly number[]
  readonly caches: readonly ('on' | 'off')[]
  readonly placements: readonly PlacementRow[]
  readonly connections: number
  readonly client: ClientKind
}

const examples = `
Examples:
  outboard bench placements
  outboard bench placements --depths 1,64 --cache off --html placements.html
  outboard bench placements --door none --quick
  outboard bench placements --keep before.json        # then, after a change:
  outboard bench placements --baseline before.json`

export function placementsCommand(context: BenchContext): Command {
  const rows = placementRows()
  const ids = rows.map(({ id }) => id)
  return withCommonOptions(
    new Command('placements').description(
      'the same adapter and requests, wherever the adapter runs: what does each placement cost?',
    ),
    { rounds: 5, seconds: 0.5 },
  )
    .addOption(
      new Option('--door <name>', 'how requests come in; none: straight into the engine, in its own process')
        .choices(benchDoors)
        .default('mixer'),
    )
    .option('--depths <list>', 'closed loops: so many calls at once (1,8,64,256)', wholeNumbers)
    .option('--rates <list>', 'open loops: so many calls a second (1000)', wholeNumbers)
    .addOption(
      new Option('--cache <which>', 'the verdict cache').choices(['off', 'on', 'both']).default('both'),
    )
    .option('--only <ids>', `placements: ${ids.join(', ')}`, namesOf(ids))
    .option('--connections <n>', 'connections to the door', connectionCount, 4)
    .addOption(
      new Option('--client <name>', 'the load generator’s client').choices(clientKinds).default('raw'),
    )
    .addHelpText('after', examples)
    .action(async (flags: PlacementFlags) => {
      const { door, client, connections } = flags
      // Load from inside has neither.
      const options = door === 'none' ? { door } : { door, client, connections: String(connections) }
      await measureAndDeliver({ kind: 'placements', options }, flags, context, bench =>
        placements(planOf(flags, rows), bench),
      )
    })
}

function planOf(flags: PlacementFlags, rows: readonly PlacementRow[]): PlacementsPlan {
  const { quick = false, only } = flags
  const cache =
    flags.cache === 'both' ? (quick ? (['off'] as const) : (['off', 'on'] as const)) : [flags.cache]
  return {
    door: flags.door,
    depths: flags.depths ?? (quick ? [1, 64] : [1, 8, 64, 256]),
    rates: flags.rates ?? (quick ? [] : [1_000]),
    caches: cache,
    placements:
      only === undefined ? rows : rows.filter(({ id }) => only.includes(id) || id === referencePlacement),
    connections: flags.connections,
    client: flags.client,
    ...paceOf(flags),
  }
}

/** Starts every placement, warms it up, and measures all in turn. */
export async function placements(plan: PlacementsPlan, bench: Bench): Promise<Findings> {
  const combinations = plan.caches.flatMap(cache => plan.placements.map(row => ({ cache, row })))
  const started = await startTogether(combinations, ({ cache, row }) => {
    bench.line.say(`starting ${row.name}, cache ${cache}`)
    return startSubject({ ...standardSetup, row, source: sourceOf(plan), cache }, bench.scratch)
  })
  const planned: Planned[] = []
  for (const one of started) {
    const { row, cache } = one.setup
    bench.line.say(`warming ${row.name}, cache ${cache}`)
    const opened = await connectSubject(one, bench.generator)
    await warm(opened.subject, plan)
    planned.push(...plannedOf(plan, row, cache, opened))
  }
  return { rows: await bench.measure(planned, plan), figures: [], notes: notesOf(plan) }
}

function sourceOf({ door, connections, client }: PlacementsPlan): LoadSource {
  return door === 'none'
    ? { from: 'inside', driver: 'check' }
    : { from: 'generator', api: door, workload: standardWorkload, connections, client }
}

/** Where load comes in, as tables say it. */
const doorText: Readonly<Record<BenchDoor, string>> = {
  mixer: 'Mixer door',
  'ext-authz': 'ext-authz door',
  none: 'no door',
}

function plannedOf(
  { door, depths, rates }: PlacementsPlan,
  row: PlacementRow,
  cache: 'on' | 'off',
  { subject, cold }: OpenedSubject,
): Planned[] {
  const shapes: Shape[] = [
    ...depths.map((depth): Shape => ({ kind: 'closed', depth })),
    ...rates.map((perSecond): Shape => ({ kind: 'open', perSecond })),
  ]
  return shapes.map(shape => {
    const load = shape.kind === 'closed' ? `depth-${shape.depth}` : `rate-${shape.perSecond}`
    const id = (placement: string) => `${placement}/cache-${cache}/${load}`
    return {
      id: id(row.id),
      name: row.name,
      setting: `${doorText[door]}, cache ${cache}`,
      shape,
      reference: row.id === referencePlacement ? undefined : id(referencePlacement),
      subject,
      cold,
    }
  })
}

function notesOf({ door, connections }: PlacementsPlan): string[] {
  return [
    'Load, host and adapter share the machine: on few cores they take throughput from each other. CPU per operation does not depend on that.',
    'Ratios are to the row "in process", round by round; ± and brackets are 95 % intervals over rounds.',
    door === 'none'
      ? 'The load is made inside the host: its own cost is part of the host’s CPU, and there is no door.'
      : `The load generator is a process of its own, with ${connections} connections, over TCP on this machine.`,
  ]
}
