import { type Profiler, Session } from 'node:inspector/promises'
import { partOf } from './program-part.js'
import type { Profile, SelfTime } from './usage.js'

/** Functions in a summary. */
const maxRows = 60
/** Time between two samples, microseconds. */
const intervalUs = 500

/** A CPU profile of this process. */
export class CpuProfile {
  readonly #session: Session

  private constructor(session: Session) {
    this.#session = session
  }

  static async start(): Promise<CpuProfile> {
    const session = new Session()
    session.connect()
    await session.post('Profiler.enable')
    await session.post('Profiler.setSamplingInterval', { interval: intervalUs })
    await session.post('Profiler.start')
    return new CpuProfile(session)
  }

  async stop(): Promise<Profile> {
    const { profile } = await this.#session.post('Profiler.stop')
    this.#session.disconnect()
    return summary(profile)
  }
}

type Frame = Profiler.Profile['nodes'][number]['callFrame']

/** Where the time went that was not idle. */
export function summary({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Profile {
  const frameOf = new Map(nodes.map(node => [node.id, node.callFrame]))
  const functions = new Times()
  const parts = new Times()
  for (const [index, id] of samples.entries()) {
    const frame = frameOf.get(id)
    if (frame === undefined || frame.functionName === '(idle)') continue
    const us = timeDeltas[index] ?? 0
    functions.add(frame.functionName || '(anonymous)', placeOf(frame), us)
    parts.add(partOf(frame.functionName, frame.url), '', us)
  }
  return { functions: functions.largest(maxRows), parts: parts.largest(maxRows) }
}

/** Adds times up by name and place. */
class Times {
  readonly #byKey = new Map<string, { readonly name: string; readonly at: string; us: number }>()
  #totalUs = 0

  add(name: string, at: string, us: number): void {
    this.#totalUs += us
    const key = `${name}\n${at}`
    const found = this.#byKey.get(key)
    if (found === undefined) this.#byKey.set(key, { name, at, us })
    else found.us += us
  }

  largest(count: number): SelfTime[] {
    return [...this.#byKey.values()]
      .sort((a, b) => b.us - a.us)
      .slice(0, count)
      .map(({ name, at, us }) => ({ name, at, share: us / this.#totalUs, ms: us / 1_000 }))
  }
}

/** The last folders of a path suffice to recognise a file. */
function placeOf({ url, lineNumber }: Frame): string {
  if (url === '') return ''
  const path = url.startsWith('node:') ? url : url.split('/').slice(-3).join('/')
  return `${path}:${lineNumber + 1}`
}
