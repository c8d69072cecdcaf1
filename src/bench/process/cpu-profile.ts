import { type Profiler, Session } from 'node:inspector/promises'
import type { SelfTime } from './usage.js'

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

  async stop(): Promise<readonly SelfTime[]> {
    const { profile } = await this.#session.post('Profiler.stop')
    this.#session.disconnect()
    return selfTimes(profile)
  }
}

/** The functions that most time was spent in themselves, most first; idle time is left out. */
export function selfTimes(profile: Profiler.Profile): SelfTime[] {
  const { nodes, samples = [], timeDeltas = [] } = profile
  const byId = new Map(nodes.map(node => [node.id, node.callFrame]))
  const usOf = new Map<string, number>()
  let busyUs = 0
  for (const [index, id] of samples.entries()) {
    const frame = byId.get(id)
    if (frame === undefined || frame.functionName === '(idle)') continue
    const us = timeDeltas[index] ?? 0
    busyUs += us
    const key = `${frame.functionName || '(anonymous)'}\n${placeOf(frame)}`
    usOf.set(key, (usOf.get(key) ?? 0) + us)
  }
  return [...usOf]
    .sort(([, a], [, b]) => b - a)
    .slice(0, maxRows)
    .map(([key, us]) => {
      const [name = '', at = ''] = key.split('\n')
      return { name, at, share: us / busyUs, ms: us / 1_000 }
    })
}

/** The last folders of a path suffice to recognise a file. */
function placeOf({ url, lineNumber }: Profiler.Profile['nodes'][number]['callFrame']): string {
  if (url === '') return ''
  const path = url.startsWith('node:') ? url : url.split('/').slice(-3).join('/')
  return `${path}:${lineNumber + 1}`
}
