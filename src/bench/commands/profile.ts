import { Command, Option } from 'commander'
import { placementRow, placementRows, referencePlacement } from '../placements/list.js'
import { openSubject, standardSetup } from '../placements/open.js'
import { Child } from '../process/child.js'
import type { Measured } from '../process/measured.js'
import type { Profile, SelfTime } from '../process/usage.js'
import { columns } from '../report/columns.js'
import { percent, short } from '../report/numbers.js'
import type { BenchContext } from './context.js'
import { namesOf, positiveNumber, wholeNumber } from './options.js'
import { type Bench, runSession, saturating, warm } from './session.js'

interface ProfileFlags {
  readonly placements: readonly string[]
  readonly seconds: number
  readonly top: number
  readonly cache: 'on' | 'off'
}

export function profileCommand(context: BenchContext): Command {
  const known = placementRows().map(({ id }) => id)
  return new Command('profile')
    .description('where the time of a standard Check goes: the functions that take most of it')
    .option('--placements <ids>', known.join(', '), namesOf(known), [referencePlacement, 'session-unix'])
    .option('--seconds <s>', 'how long', positiveNumber, 5)
    .option('--top <n>', 'functions in a list, at most 60', wholeNumber, 25)
    .addOption(new Option('--cache <which>', 'the verdict cache').choices(['off', 'on']).default('off'))
    .action(async (flags: ProfileFlags) => {
      const texts: string[] = []
      // The files that functions are in say which part of the program they are; a bundle has none of them.
      process.env.OUTBOARD_BUNDLE = 'off'
      await runSession({ kind: 'profile', options: {} }, context, async bench => {
        for (const id of flags.placements) texts.push(await bench.alone(alone => profileOf(alone, id, flags)))
        return { rows: [], figures: [], notes: [] }
      })
      context.out(texts.join('\n'))
    })
}

async function profileOf(bench: Bench, id: string, { seconds, top, cache }: ProfileFlags): Promise<string> {
  bench.line.say(`profiling ${id}`)
  const row = placementRow(id)
  const { subject } = await openSubject({ ...standardSetup, row, cache }, bench.generator, bench.scratch)
  await warm(subject, { rounds: 1, ms: 0, warmMs: 3_000 })
  const profiled = childrenOf([subject.host, ...subject.adapters])
  await Promise.all(profiled.map(child => child.beginProfile()))
  const { calls } = await subject.load.run(saturating, seconds * 1_000)
  const profiles = await Promise.all(profiled.map(child => child.endProfile()))
  return profiled
    .map((child, i) =>
      text(`${child.name}, ${short(calls / seconds)} Checks a second`, profiles[i], calls, top),
    )
    .join('\n')
}

function childrenOf(processes: readonly (Measured | undefined)[]): Child[] {
  return processes.filter(one => one instanceof Child)
}

function text(title: string, profile: Profile | undefined, calls: number, top: number): string {
  const { functions = [], parts = [] } = profile ?? {}
  const perCall = ({ ms }: SelfTime) => short((ms * 1_000) / calls)
  const lines = [
    title,
    '',
    ...columns(
      ['part', 'share', 'µs/op'],
      parts.map(part => [part.name, percent(part.share), perCall(part)]),
    ),
    '',
    ...columns(
      ['function', 'share', 'µs/op', 'where'],
      functions.slice(0, top).map(one => [one.name, percent(one.share), perCall(one), one.at]),
    ),
  ]
  return `${lines.join('\n')}\n`
}
