import type { Bench } from '../commands/session.js'
import { otherRules, standardDocuments, writeConfig } from '../config/documents.js'
import { startServe } from '../process/outboard.js'
import type { Figure } from '../rounds/result.js'
import { interval } from '../stats/student.js'
import { figureOfInterval } from './figure.js'

const inHost = { word: 'inProcess', addresses: [] }
/** Verdicts that a host keeps at most, by default. */
const cacheEntries = 100_000
/** How long a host is left alone before its memory is looked at: what starting left behind is collected meanwhile. */
const idleMs = 2_000

/** How fast a host is ready, and how much memory it takes. */
export async function startFigures(bench: Bench, starts: number, entries = cacheEntries): Promise<Figure[]> {
  return [await readyFigure(bench, starts), await idleFigure(bench), await fullFigure(bench, entries)]
}

async function readyFigure({ scratch, line }: Bench, starts: number): Promise<Figure> {
  const config = writeConfig(scratch.path('hundred-rules'), [...standardDocuments(inHost), ...otherRules(99)])
  const tookMs: number[] = []
  for (let i = 0; i < starts; i++) {
    line.say(`starting a host with 100 rules: ${i + 1} of ${starts}`)
    // Nothing of ours is loaded into it: it starts as it does for anyone.
    const host = await startServe('host that starts', { config, address: '127.0.0.1:0', probed: false })
    scratch.keep(host.child) // it is not probed, so that it would outlive this process
    tookMs.push(host.readyMs)
    await host.child.stop()
  }
  return figureOfInterval(
    {
      id: 'ready',
      title: 'ready after start, 100 rules',
      better: 'less',
      wanted: 700,
      aim: 400,
      unit: 'ms',
      basis: `from the start of the process until its doors are open, ${starts} starts, files in the system's cache`,
    },
    interval(tookMs),
  )
}

async function idleFigure({ scratch, line }: Bench): Promise<Figure> {
  line.say('a host that idles')
  const config = writeConfig(scratch.path('idle'), standardDocuments(inHost))
  const { child } = await startServe('idle host', { config, address: '127.0.0.1:0' })
  scratch.keep(child)
  await new Promise(resolve => setTimeout(resolve, idleMs))
  const megabytes = (await child.rssBytes()) / 1_000_000
  return figureOfInterval(
    {
      id: 'memory-idle',
      title: 'memory, idle',
      better: 'less',
      wanted: 120,
      aim: undefined,
      unit: 'MB',
      basis: 'resident set 2 s after the start, one rule',
    },
    interval([megabytes]),
  )
}

async function fullFigure({ scratch, line, generator }: Bench, entries: number): Promise<Figure> {
  line.say(`a host with 10,000 rules and ${entries} verdicts`)
  const documents = [...standardDocuments(inHost, { users: entries }), ...otherRules(9_999)]
  const config = writeConfig(scratch.path('full'), documents)
  const flags = ['--cache', 'on', '--cache-entries', String(entries)]
  const { child, address } = await startServe('full host', { config, address: '127.0.0.1:0', flags })
  scratch.keep(child)
  const workload = { kind: 'standard', attributes: 29, distinct: entries, users: entries, seed: 2 } as const
  const target = await generator.target({ address, api: 'mixer', workload })
  const { calls, errors, firstError } = await target.exactly(entries, 64)
  const megabytes = (await child.rssBytes()) / 1_000_000
  await target.close()
  const complete = errors === 0 && calls >= entries
  return figureOfInterval(
    {
      id: 'memory-full',
      title: 'memory, 10,000 rules, full cache',
      better: 'less',
      wanted: 400,
      aim: undefined,
      unit: 'MB',
      basis: `resident set after ${entries} requests of as many users, right after the load`,
    },
    interval([megabytes]),
    complete ? undefined : `${calls} of ${entries} calls ended, ${errors} wrongly: ${firstError ?? ''}`,
  )
}
