import { Child, ProcessError, sibling } from '../process/child.js'
import { Fields } from '../process/fields.js'
import type { Api } from '../requests/answers.js'
import type { Workload } from '../requests/workload.js'
import type { RunOutcome } from './run.js'
import type { ClientKind } from './unary-client.js'

/** How calls are made: so many at once, or so many a second. */
export type Shape =
  | { readonly kind: 'closed'; readonly depth: number }
  | { readonly kind: 'open'; readonly perSecond: number }

/** Something that load can be put on: a server by way of the generator, or a driver inside a host. */
export interface Loadable {
  /** `settleMs`: the beginning of an open loop, which does not count, comes on top. Default: 0. */
  run(shape: Shape, ms: number, settleMs?: number): Promise<RunOutcome>
  /** Makes calls one after the other and answers how long each took, microseconds. @throws {Error} at the first that fails */
  oneByOne(count: number): Promise<readonly number[]>
}

export interface TargetSetup {
  readonly address: string
  readonly api: Api
  readonly workload: Workload
  /** Default: 4. */
  readonly connections?: number
  /** Default: `raw`. */
  readonly client?: ClientKind
  /** Whether answers must be what the workload expects, or may be any verdict. Default: `expected`. */
  readonly verdict?: 'expected' | 'any'
}

/** Time for preparing requests, and for the calls that are under way when a run ends. */
const patienceMs = 60_000

/** The process that makes load. */
export class LoadGenerator {
  readonly child: Child

  constructor() {
    this.child = new Child({ name: 'load generator', script: sibling('./main', import.meta.url) })
  }

  /** Connects to a server and prepares its requests. */
  async target(setup: TargetSetup): Promise<LoadTarget> {
    const { connections = 4, client = 'raw', verdict = 'expected', ...rest } = setup
    const answer = await this.child.ask('open', { ...rest, connections, client, verdict }, patienceMs)
    const opened = new Fields('an opened target', answer)
    return new LoadTarget(this.child, opened.number('target'), opened.number('bytes'))
  }

  stop(): Promise<void> {
    return this.child.stop()
  }
}

export class LoadTarget implements Loadable {
  readonly #child: Child
  readonly #number: number
  /** Average size of a request, with gRPC's prefix. */
  readonly requestBytes: number

  constructor(child: Child, number: number, requestBytes: number) {
    this.#child = child
    this.#number = number
    this.requestBytes = requestBytes
  }

  run(shape: Shape, ms: number, settleMs = 0): Promise<RunOutcome> {
    return runOn(this.#child, shape, { ms, settleMs }, { target: this.#number })
  }

  oneByOne(count: number): Promise<readonly number[]> {
    return oneByOneOn(this.#child, count, { target: this.#number })
  }

  /** Makes a number of calls, so many at once; given up after a minute. */
  async exactly(calls: number, depth: number): Promise<RunOutcome> {
    const body = { target: this.#number, depth, ms: patienceMs, maxCalls: calls }
    return readOutcome(await this.#child.ask('closed', body, 2 * patienceMs))
  }

  async close(): Promise<void> {
    await this.#child.ask('close', { target: this.#number })
  }
}

/** Runs load in a process that knows the questions `closed` and `open_loop`. */
export async function runOn(
  child: Child,
  shape: Shape,
  { ms, settleMs }: { readonly ms: number; readonly settleMs: number },
  body: Readonly<Record<string, unknown>>,
): Promise<RunOutcome> {
  // A schedule may take as long again until its last calls have ended.
  const answer =
    shape.kind === 'closed'
      ? await child.ask('closed', { ...body, depth: shape.depth, ms }, ms + patienceMs)
      : await child.ask(
          'open_loop',
          { ...body, perSecond: shape.perSecond, ms, settleMs },
          settleMs + 2 * ms + patienceMs,
        )
  return readOutcome(answer)
}

export async function oneByOneOn(
  child: Child,
  count: number,
  body: Readonly<Record<string, unknown>>,
): Promise<readonly number[]> {
  const answer = new Fields('cold calls', await child.ask('one_by_one', { ...body, count }, patienceMs))
  if (answer.has('firstError'))
    throw new ProcessError(`The first calls by the ${child.name} failed: ${answer.text('firstError')}`)
  return answer.numbers('us')
}

function readOutcome(value: unknown): RunOutcome {
  const fields = new Fields('the outcome of a run', value)
  return {
    calls: fields.number('calls'),
    errors: fields.number('errors'),
    firstError: fields.maybeText('firstError'),
    made: fields.number('made'),
    seconds: fields.number('seconds'),
    latencies: fields.text('latencies'),
    lateness: fields.maybeText('lateness'),
    givenUp: fields.maybeText('givenUp'),
  }
}
