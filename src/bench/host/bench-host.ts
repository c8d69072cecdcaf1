import { type Loadable, oneByOneOn, runOn, type Shape } from '../load/generator.js'
import type { RunOutcome } from '../load/run.js'
import { Child, sibling } from '../process/child.js'
import { jsonOf, type Listening, whenStarted } from '../process/outboard.js'
import type { LocalForm } from './compose.js'
import type { Driver } from './drivers.js'

export interface BenchHostSetup {
  readonly config: string
  readonly form: LocalForm
  readonly cache: 'on' | 'off'
  /** Where doors open; none: load comes from inside only. */
  readonly address?: string
  /** Where doors open besides that answer a report only when its adapter has. */
  readonly heldAddress?: string
}

export interface ListeningBenchHost extends Listening {
  /** Empty: none was asked for. */
  readonly heldAddress: string
}

/** Starts a host in the benchmark's hands. */
export async function startBenchHost(name: string, setup: BenchHostSetup): Promise<ListeningBenchHost> {
  const child = new Child({ name, script: sibling('./main', import.meta.url), args: [JSON.stringify(setup)] })
  let heldAddress = ''
  const started = await whenStarted(child, 'that it is ready', line => {
    const said = jsonOf(line)
    heldAddress = said?.maybeText('heldAddress') ?? ''
    return said?.maybeText('address')
  })
  return { ...started, heldAddress }
}

/** Starts the spy as a process of its own. */
export function startSpy(address: string): Promise<Listening> {
  const child = new Child({
    name: 'spy adapter',
    script: sibling('./spy-adapter', import.meta.url),
    args: [address],
  })
  return whenStarted(child, 'where it listens', line => jsonOf(line)?.maybeText('address'))
}

/** Load from inside a host: its CPU is the host's. */
export class InnerLoad implements Loadable {
  readonly #child: Child
  readonly #driver: Driver

  constructor(child: Child, driver: Driver) {
    this.#child = child
    this.#driver = driver
  }

  run(shape: Shape, ms: number, settleMs = 0): Promise<RunOutcome> {
    return runOn(this.#child, shape, { ms, settleMs }, { driver: this.#driver })
  }

  oneByOne(count: number): Promise<readonly number[]> {
    return oneByOneOn(this.#child, count, { driver: this.#driver })
  }
}
